/* viewer - as whom qmail-try looks.  Root becomes the user of the program that it speaks for, so that what
 * that one may not read is not read here either; others stay who they are, and it is said that they may
 * see something else. */
#ifndef TRY_VIEWER_H
#define TRY_VIEWER_H

#include <stdbool.h>

#include "try/show.h"

/* Whose rights count; literals. */
struct viewer_role {
	const char *user, *group, *program;
};

extern const struct viewer_role viewer_of_remote, viewer_of_smtpd;

struct viewer {
	const struct viewer_role *role;
	bool is_other; /* the user exists, and is somebody else */
};

/* Before any file is read; the current directory must be the home.  Shows the line "as".  0, or -1:
 * complained of. */
int viewer_become(
    struct viewer *viewer, const struct viewer_role *role, struct show *show);

/* Warn of control files that qmail-remote reads if it may, and which this user may not. */
void viewer_check(const struct viewer *viewer, struct show *show);

#endif
