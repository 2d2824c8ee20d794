/* dotqmail - the lines of a .qmail file (queue 4.11; dot-qmail(5)). */
#ifndef LOCAL_DOTQMAIL_H
#define LOCAL_DOTQMAIL_H

#include <stdbool.h>

#include "lib/view.h"

enum dotqmail_kind {
	DOTQMAIL_BLANK,   /* nothing but blanks; an error in line 1 */
	DOTQMAIL_IGNORED, /* a comment, or a '+' line that is not "+list" */
	DOTQMAIL_PROGRAM,
	DOTQMAIL_MAILDIR,
	DOTQMAIL_MBOX,
	DOTQMAIL_FORWARD,
	DOTQMAIL_LIST, /* "+list": from here on only forwards are allowed */
};

struct dotqmail_line {
	enum dotqmail_kind kind;
	struct view what; /* command, path or address; a part of the text given */
};

/* Judge one line without its LF; blanks at its end, and what follows a NUL, do not count. */
struct dotqmail_line dotqmail_parse(struct view line);

/* Take the first line off *rest.  False when nothing is left. */
bool dotqmail_next(struct view *rest, struct dotqmail_line *out);

#endif
