/* mime - the structure of a message (RFC 2045, 2046): its header fields, where a part begins and of
 * what kind it is, and the lines of the parts.
 *
 * A push parser, fed with the pieces of lines that content/lines.h makes; bounded, whatever is sent: a
 * field is cut, boundaries beyond a depth are not looked for, and then their parts are text of the part
 * around them.  Where software disagrees about what is a part, rather more is taken for one. */
#ifndef CONTENT_MIME_H
#define CONTENT_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/view.h"

enum {
	MIME_FIELD_MAX = 8192, /* octets of a header field, unfolded */
	MIME_WORD_MAX = 128,   /* of a type, or of a boundary (RFC 2046 allows 70) */
	MIME_LEVELS = 20,      /* multiparts inside each other */
};

enum mime_encoding {
	MIME_AS_IS, /* 7bit, 8bit, binary, or none that is known */
	MIME_QUOTED_PRINTABLE,
	MIME_BASE64,
};

enum mime_zone {
	MIME_HEADER,
	MIME_PREAMBLE, /* in a multipart, in front of its first part */
	MIME_BODY,
	MIME_EPILOGUE, /* behind the last part of a multipart */
};

struct mime_word {
	char at[MIME_WORD_MAX];
	size_t len;
};

struct mime_part {
	struct mime_word type; /* in lower case: "text/plain", which is the default */
	enum mime_encoding encoding;
	bool is_attachment; /* Content-Disposition says so */
	unsigned embedded;  /* messages (message/rfc822) that it is inside of */
};

struct mime;

/* What the parser tells; each may be NULL. */
struct mime_events {
	/* A header field "Name: value", of the message or of a part, without line ends. */
	void (*field)(void *context, const struct mime *m, struct view field);

	/* A header has ended: m->part says what begins. */
	void (*part)(void *context, const struct mime *m);

	/* A piece of a line of m->zone, never of a header. */
	void (*text)(void *context, const struct mime *m, struct view piece, bool begins,
	    bool ends);
};

/* mime_start() makes it. */
struct mime {
	const struct mime_events *events;
	void *context;
	enum mime_zone zone;
	struct mime_part part;
	struct mime_word boundary; /* that the present header names */
	struct mime_level {
		struct mime_word boundary;
		unsigned embedded;
	} levels[MIME_LEVELS];
	size_t depth;
	bool is_delimiter; /* the present line is one */
	size_t field_len;
	char field[MIME_FIELD_MAX];
};

/* `events` and `context` must outlive it. */
void mime_start(struct mime *m, const struct mime_events *events, void *context);

void mime_take(struct mime *m, struct view piece, bool begins, bool ends);

/* The message is over: a header that it ends in. */
void mime_end(struct mime *m);

struct view mime_type(const struct mime *m);

#endif
