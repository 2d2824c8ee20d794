/* homes - the .qmail files of homes, each home read once: for who asks about all addresses.
 *
 * Root reads a home with the rights of the user whose mail goes there, as qmail-local has them: so
 * the answer is the one of the delivery, also on a file server that denies root everything. */
#ifndef USERS_HOMES_H
#define USERS_HOMES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/arena.h"
#include "lib/problem.h"
#include "lib/view.h"
#include "users/account.h"
#include "users/deliverable.h"

enum { HOME_FILES_MAX = 100000 }; /* with more a home is one that cannot be looked into */

/* A name that starts with ".qmail". */
struct home_file {
	struct view name;
	enum dotqmail state; /* DOTQMAIL_ABSENT: no regular file */
	bool is_directory;   /* or may be one */
};

struct home {
	struct view path; /* NUL-terminated */
	uid_t uid;
	gid_t gid;
	enum dotqmail state;     /* as of deliverable_sources.home */
	int error;               /* why it cannot be looked into; 0: it can */
	struct home_file *files; /* sorted by name */
	size_t count;
};

/* {0} is empty. */
struct homes {
	struct home **homes; /* sorted */
	size_t count, size;
	struct arena mem;
	struct problem
	    failed; /* a failure that may pass: the homes are not known; `what` is
	                        * NULL when all is well */
};

void homes_free(struct homes *h);

/* The home of `account`, which is read if it was not; dies with `h`. */
const struct home *homes_look(struct homes *h, const struct account *account);

/* As of deliverable_sources.file.  Of a directory every file is taken to be there. */
enum dotqmail home_file_state(const struct home *home, struct view name);

#endif
