/* authentries - the lines of users/auth, as they are in memory: found, edited, judged. */
#ifndef USERS_AUTHENTRIES_H
#define USERS_AUTHENTRIES_H

#include <stdbool.h>

#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"
#include "users/authline.h"

#define AUTHFILE_PATH "users/auth"

/* The next line, its LF removed, cut off from *rest.  False at the end. */
bool authentries_next(struct view *rest, struct view *line);

/* The entry of `name`, pointing into `bytes`.  False: there is none. */
bool authentries_find(struct view bytes, struct view name, struct authline *out);

/* Append to *out `bytes` with `entry` in the place of the one of its name, or at the end. */
void authentries_put(struct str *out, struct view bytes, const struct authline *entry);

/* The same without `name`. */
void authentries_remove(struct str *out, struct view bytes, struct view name);

/* Judge each line, and that no name is there twice.  0, or -1 with the first `problem`. */
int authentries_check(struct view bytes, struct problem *problem);

#endif
