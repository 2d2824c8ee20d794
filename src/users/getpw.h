/* getpw - who a local part belongs to when users/cdb does not say: a user of the system, or alias
 * (queue 4.9).  Looks users up by getpwnam(): for programs that are not hot. */
#ifndef USERS_GETPW_H
#define USERS_GETPW_H

#include <pwd.h>
#include <stdbool.h>

#include "lib/view.h"
#include "users/account.h"

enum { GETPW_NAME_MAX = 31 };

/* Where a name ends that `local` may begin with, at most `end`, longest first: at the end of
 * `local` or in front of a '-', and not longer than GETPW_NAME_MAX.  Start with end = local.len;
 * go on with *at - 1 until *at is 0.  False if there is none. */
bool getpw_split(struct view local, size_t end, size_t *at);

enum getpw_result {
	GETPW_FOUND,
	GETPW_NO_ALIAS,   /* neither a user, nor alias: exit 116 */
	GETPW_HOME_ERROR, /* a home could not be looked at, for now: exit 115 */
	GETPW_BUSY,       /* the user data base is being changed: exit 118 */
};

/* Is this a rootless instance: does the current directory, the qmail home, belong to the caller, who
 * is not root? */
bool getpw_is_rootless(void);

/* Does the entry count as a user: GETPW_FOUND; GETPW_NO_ALIAS: not; or GETPW_HOME_ERROR.  errno is why
 * the home could not be looked at, else 0. */
enum getpw_result getpw_counts(const struct passwd *pw, bool rootless);

/* A user counts only with a uid other than 0 and a home that exists and is his own.  In a
 * rootless instance nobody counts but the caller, and alias is the caller in the directory `alias` of the home. */
enum getpw_result getpw_find(struct view local, struct account *out);

#endif
