/* viewer - as whom qmail-try looks.  Root becomes qmailr, so that what qmail-remote may not read is not
 * read here either; others stay who they are, and it is said that they may see something else. */
#ifndef TRY_VIEWER_H
#define TRY_VIEWER_H

#include <stdbool.h>

#include "try/show.h"

struct viewer {
	bool is_other; /* qmailr exists, and is somebody else */
};

/* Before any file is read; the current directory must be the home.  Shows the line "as".  0, or -1:
 * complained of. */
int viewer_become(struct viewer *viewer, struct show *show);

/* Warn of control files that qmail-remote reads if it may, and which this user may not. */
void viewer_check(const struct viewer *viewer, struct show *show);

#endif
