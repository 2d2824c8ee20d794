/* addfields - header fields that a message lacks are put where its header ends (RFC 6409 8.2, 8.3).
 *
 * A push filter: give it the message with LF line ends, in pieces of any size.  What it holds back
 * is bounded. */
#ifndef SERVER_ADDFIELDS_H
#define SERVER_ADDFIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/str.h"
#include "lib/view.h"

enum {
	ADDFIELDS_MAX = 2,
	ADDFIELDS_NAME_MAX = 1000, /* a line that is longer without a ':' is no field */
};

/* addfields_start() makes it; addfields_free() frees it. */
struct addfields {
	struct view fields[ADDFIELDS_MAX];
	bool is_there[ADDFIELDS_MAX];
	size_t count;
	enum addfields_state {
		ADDFIELDS_NAME, /* at the start of a line, or in what may be a name */
		ADDFIELDS_LINE, /* in the rest of a line of the header */
		ADDFIELDS_BODY, /* everything passes */
	} state;
	bool saw_line;   /* one of the header has begun before this */
	struct str held; /* what may be a name, until it is known to be one */
	struct str out;
};

/* Begin a message.  Each of the `count` fields is a whole one, "Name: value\n", and must outlive it.
 * {0} may be started. */
void addfields_start(struct addfields *a, const struct view fields[], size_t count);

/* The octets to pass on, valid until the next call: `in` itself behind the header. */
struct view addfields_push(struct addfields *a, struct view in);

/* What is still to come at the end of the message. */
struct view addfields_end(struct addfields *a);

void addfields_free(struct addfields *a);

#endif
