/* look - is a file there, may it be looked at, or could that not be found out? */
#ifndef USERS_LOOK_H
#define USERS_LOOK_H

#include "users/deliverable.h"

/* A regular file. */
enum dotqmail look_at_file(const char *path);

/* A directory whose files can be reached.  One that is missing may be one that is not mounted: that is
 * DOTQMAIL_FAILED, and it is never DOTQMAIL_ABSENT. */
enum dotqmail look_at_directory(const char *path);

#endif
