/* authfile - users/auth as a whole: read, edited, written, compiled.  The current directory must be
 * the home.  A file is replaced by rename only; it keeps its owner, group and mode (less what the
 * world could do), and a new one is root's and the group qmaila's, 0640 (DESIGN 9); the caller's,
 * 0600, when he is not root. */
#ifndef USERS_AUTHFILE_H
#define USERS_AUTHFILE_H

#include <stdbool.h>

#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"
#include "users/authline.h"

enum { AUTHFILE_MAX = 64 << 20 }; /* octets */

#define AUTHFILE_PATH "users/auth"

/* Wait until nobody else edits; held until the process ends.  0, or -1 with `problem`. */
int authfile_lock(struct problem *problem);

/* Replace *bytes by the file; empty if there is none.  0, or -1 with `problem`. */
int authfile_read(struct str *bytes, struct problem *problem);

/* Judge each line, and that no name is there twice.  0, or -1 with the first `problem`. */
int authfile_check(struct view bytes, struct problem *problem);

/* The next line, its LF removed, cut off from *rest.  False at the end. */
bool authfile_next_line(struct view *rest, struct view *line);

/* The entry of `name`. */
bool authfile_find(struct view bytes, struct view name, struct authline *out);

/* Append to *out `bytes` with `entry` in the place of the one of its name, or at the end. */
void authfile_put(struct str *out, struct view bytes, const struct authline *entry);
/* The same without `name`. */
void authfile_remove(struct str *out, struct view bytes, struct view name);

/* Write it; compile it into users/auth.cdb.  `bytes` must have passed authfile_check().  0, or -1
 * with `problem`; then the old file stays. */
int authfile_write(struct view bytes, struct problem *problem);
int authfile_compile(struct view bytes, struct problem *problem);

#endif
