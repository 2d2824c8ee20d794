/* dotstream - the octets behind DATA or BDAT: line ends, dots, the end, bare CR and LF, and how often
 * the message has travelled (inbound 3.4, section 8 "bare CR" and "bare LF"; RFC 5321 4.5.2, RFC
 * 3030 2).
 *
 * A push parser: give it what was read, in pieces of any size; what comes out does not depend on
 * where the pieces were cut.  It allocates nothing. */
#ifndef SMTP_DOTSTREAM_H
#define SMTP_DOTSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/view.h"
#include "smtp/hops.h"

/* A CR that is not part of CRLF. */
enum bare_cr {
	BARE_CR_SPACE,  /* becomes a space (D5) */
	BARE_CR_KEEP,   /* stored, as in qmail */
	BARE_CR_REJECT, /* the message is to be refused after its end */
};

/* An LF that no CR precedes.  Only CRLF . CRLF ends a message under any of these. */
enum bare_lf {
	BARE_LF_CLOSE,  /* stop at once, as in qmail */
	BARE_LF_REJECT, /* data; the message is to be refused after its end */
	BARE_LF_ACCEPT, /* a line end (D18) */
};

enum dotstream_state {
	DOTS_LINE_START,
	DOTS_DOT,    /* "." at the start of a line */
	DOTS_DOT_CR, /* "." CR there */
	DOTS_CR,     /* a CR elsewhere; what follows tells what it was */
	DOTS_IN_LINE,
	DOTS_END,      /* the message is complete */
	DOTS_STRAY_LF, /* BARE_LF_CLOSE: the message is broken off */
};

enum {
	DOTSTREAM_HELD =
	    2, /* output may be longer than input by this much: octets held back */
};

/* Set the rules, the rest zero. */
struct dotstream {
	bool
	    chunked; /* BDAT: a dot is a dot, and dotstream_finish() says where the end is */
	enum bare_cr bare_cr;
	enum bare_lf bare_lf;
	struct hops hops; /* its rule */

	enum dotstream_state state;
	bool
	    after_bare_lf; /* the line that begins follows a bare LF: it cannot end the message */
	bool saw_bare_cr, saw_bare_lf;
	uint64_t octets; /* put out so far */
};

/* Decode `in` into `out`, which has room for in.len + DOTSTREAM_HELD octets; *out_len is set to
 * what was put there.  Returns how much of `in` was used: all of it unless the state has become
 * DOTS_END or DOTS_STRAY_LF, when what follows is not the message's. */
size_t dotstream_push(struct dotstream *d, struct view in, char *out, size_t *out_len);

bool dotstream_is_over(const struct dotstream *d);

/* The end of the last chunk: what was held back goes to `out`, which has room for DOTSTREAM_HELD
 * octets; how many.  The state becomes DOTS_END, unless the message was broken off. */
size_t dotstream_finish(struct dotstream *d, char *out);

#endif
