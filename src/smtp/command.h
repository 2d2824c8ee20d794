/* command - one command line: a verb and its argument (inbound 2.1; RFC 5321 2.4 and 4.1.1). */
#ifndef SMTP_COMMAND_H
#define SMTP_COMMAND_H

#include <stdbool.h>

#include "lib/view.h"

struct command {
	struct view verb;     /* as sent: to be compared without case; may be empty */
	struct view argument; /* what follows the spaces behind the verb */
	bool has_nul;         /* somewhere in the line: no command of ours (D2) */
};

/* `line` ends in its LF or, at the end of the input, in nothing.  One CR before the LF belongs to
 * the line end.  Only a space ends the verb: a tab is a part of it.  The views point into it. */
struct command command_parse(struct view line);

#endif
