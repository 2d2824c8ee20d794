/* authfile - users/auth as a whole: locked, read, written, compiled.  The current directory must be
 * the home.  A file is replaced by rename only; it keeps its owner, group and mode (less what the
 * world could do), and a new one is root's and the group qmaila's, 0640 (DESIGN 9); the caller's,
 * 0600, when he is not root. */
#ifndef USERS_AUTHFILE_H
#define USERS_AUTHFILE_H

#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"

enum { AUTHFILE_MAX = 64 << 20 }; /* octets */

/* Wait until nobody else edits; held until the process ends.  0, or -1 with `problem`. */
int authfile_lock(struct problem *problem);

/* Replace *bytes by the file; empty if there is none.  0, or -1 with `problem`. */
int authfile_read(struct str *bytes, struct problem *problem);

/* Write it; compile it into users/auth.cdb.  `bytes` must have passed authentries_check().  0, or -1
 * with `problem`; then the old file stays. */
int authfile_write(struct view bytes, struct problem *problem);
int authfile_compile(struct view bytes, struct problem *problem);

#endif
