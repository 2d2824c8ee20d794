/* authresults - header fields Authentication-Results that claim to be ours are not, when they come
 * from outside (RFC 8601 section 5): they are renamed while the message passes.
 *
 * A push filter: give it the message with LF line ends, in pieces of any size.  What it holds back
 * is bounded. */
#ifndef SERVER_AUTHRESULTS_H
#define SERVER_AUTHRESULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/str.h"
#include "lib/view.h"

/* A field whose beginning is longer than this, for comments, counts as ours. */
enum { AUTHRESULTS_HELD_MAX = 2000 };

/* What is put in front of the field's name. */
#define AUTHRESULTS_RENAMED "Old-"

/* authresults_start() makes it; authresults_free() frees it. */
struct authresults {
	struct view own; /* our authserv-id */
	enum authresults_state {
		AUTHRESULTS_NAME, /* at the start of a line, or in what may be the name */
		AUTHRESULTS_COLON,   /* behind the name */
		AUTHRESULTS_SKIP,    /* blanks and comments in front of the id */
		AUTHRESULTS_NEWLINE, /* a line end there: the field may go on */
		AUTHRESULTS_ID,
		AUTHRESULTS_LINE, /* in a line that is of no interest */
		AUTHRESULTS_BODY, /* everything passes */
	} state;
	size_t matched; /* octets of the name, or of the id */
	bool differs;   /* the id is not ours */
	bool quoted, escaped;
	size_t depth;    /* of comments */
	struct str held; /* of the present field, until it is known whose it is */
	struct str out;
};

/* Begin a message; `own` must outlive it.  {0} may be started. */
void authresults_start(struct authresults *a, struct view own);

/* The octets to pass on, valid until the next call: `in` itself behind the header. */
struct view authresults_push(struct authresults *a, struct view in);

/* What is still held at the end of the message. */
struct view authresults_end(struct authresults *a);

void authresults_free(struct authresults *a);

#endif
