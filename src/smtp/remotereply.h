/* remotereply - what a server answers: lines "250-text", the last one "250 text" (RFC 5321 4.2.1).
 * For the client side; the server's own replies are smtp/reply. */
#ifndef SMTP_REMOTEREPLY_H
#define SMTP_REMOTEREPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

enum {
	REMOTEREPLY_TEXT = 5000, /* octets kept of a reply (outbound 1.2) */
	REMOTEREPLY_LINE = 2048, /* octets kept of a line (outbound 2.7) */
};

struct remotereply {
	unsigned code;   /* of the last line; valid after REMOTEREPLY_DONE */
	struct str text; /* all lines with their codes, without CR, NUL as '?' */
	/* Bounds of one reply, set by the caller before the first remotereply_start(). */
	uint64_t max_lines, max_octets;
	/* Where we are: */
	uint64_t lines, octets;
	size_t column; /* in the line; its first four octets have a meaning */
	bool more;     /* this line said that another follows */
};

enum remotereply_status {
	REMOTEREPLY_MORE,      /* not at its end yet */
	REMOTEREPLY_DONE,      /* the LF of its last line was the last octet used */
	REMOTEREPLY_MALFORMED, /* no three digits and a blank, or beyond a bound */
};

/* Get ready for the next reply. */
void remotereply_start(struct remotereply *r);

/* Take octets as they come, split anywhere; *used says how many belong to this reply. */
enum remotereply_status remotereply_add(
    struct remotereply *r, struct view octets, size_t *used);

/* 2 for 2yz and so on. */
unsigned remotereply_class(const struct remotereply *r);

void remotereply_free(struct remotereply *r);

#endif
