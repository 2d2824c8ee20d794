/* roster - the users of the system, read once: for who asks about all of them.  It answers as
 * getpw_find() would have when it was read. */
#ifndef USERS_ROSTER_H
#define USERS_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/answer.h"
#include "lib/arena.h"
#include "lib/problem.h"
#include "lib/view.h"
#include "users/account.h"
#include "users/getpw.h"

struct roster_user {
	struct view name, home;
	uid_t uid;
	gid_t gid;
	size_t order; /* in the data base: of several with one name the first is meant */
	bool counts;  /* is who getpw_find() finds, not only a name in its way */
};

/* {0} is empty. */
struct roster {
	struct roster_user *users; /* sorted by name */
	size_t count, size;
	struct arena mem;
};

/* Read the data base with getpwent(): the rights of the caller decide which homes can be seen.  A
 * home that the caller may not see at all is taken for its user's, if `trusting`; qmail-getpw does
 * not.  ANSWER_YES, or ANSWER_ERROR with `problem`. */
enum answer roster_read(struct roster *r, bool trusting, struct problem *problem);
void roster_free(struct roster *r);

/* As getpw_find(): GETPW_FOUND or GETPW_NO_ALIAS. */
enum getpw_result roster_find(
    const struct roster *r, struct view local, struct account *out);

#endif
