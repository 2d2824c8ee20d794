/* linepatterns - mailfront's file of patterns for the lines of a message (inbound 5.9).  The first octet
 * of a line of the file says what it is:
 *
 *   :glob   for a line of the message's header
 *   \glob   for the first line behind an empty one
 *   =text   the reply for the patterns that follow
 *   #text   nothing
 *
 * With any other first octet, by habit '/', the glob is for every line.  Case matters; '*', '?', "[a-z]"
 * and '\' are as in policy/wildmat.h. */
#ifndef CONTENT_LINEPATTERNS_H
#define CONTENT_LINEPATTERNS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/control.h"
#include "lib/log.h"

enum {
	LINEPATTERNS_LINE = 256
}; /* octets of a line that are looked at, unless told otherwise */

struct linepattern {
	char kind; /* ':', '\\', or 0: every line */
	struct view glob;
	struct view reply;
	size_t line;
};

/* linepatterns_read() makes it. */
struct linepatterns {
	struct control_list lines;
	struct linepattern *at;
	size_t count;
	size_t line_max; /* at most LINES_PIECE */
};

enum linepatterns_mode {
	LINE_OF_HEADER,
	LINE_BEHIND_EMPTY,
	LINE_ANY,
};

/* A line without a glob, or with one that is too long, is told to `log` and skipped.  `line_max` 0 is
 * the default.  ANSWER_NO: no such file.  ANSWER_ERROR with `problem`; *out is then empty. */
enum answer linepatterns_read(const char *path, size_t line_max, struct linepatterns *out,
    const struct log *log, struct problem *problem);
void linepatterns_free(struct linepatterns *p);

/* Take the next piece of a line.  *mode is the caller's, LINE_OF_HEADER at a message's start.  The first
 * pattern that matches, or NULL. */
const struct linepattern *linepatterns_take(const struct linepatterns *p,
    enum linepatterns_mode *mode, struct view piece, bool begins);

#endif
