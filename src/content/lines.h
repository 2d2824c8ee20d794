/* lines - a message with LF line ends, cut into lines.  A long line comes in several pieces, cut at the
 * same places whatever pieces the message came in.
 *
 * A push parser that allocates nothing. */
#ifndef CONTENT_LINES_H
#define CONTENT_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/view.h"

enum { LINES_PIECE = 1024 }; /* octets of a piece, but for a line's last one */

/* {0} is the start of a message. */
struct lines {
	char held[LINES_PIECE];
	size_t len;
	bool is_inside; /* a piece of this line was given away */
};

/* Gets a piece of a line, without its LF: its first one, its last one, or both. */
typedef void lines_take(void *context, struct view piece, bool begins, bool ends);

void lines_push(struct lines *l, struct view octets, lines_take *take, void *context);

/* The message is over: a last line that has no LF. */
void lines_end(struct lines *l, lines_take *take, void *context);

#endif
