/* lookup - what deliverable() asks, answered by this machine: control files, users/cdb, the system's
 * users, homes.  Looks users up by getpwnam(): for programs that are not hot. */
#ifndef USERS_LOOKUP_H
#define USERS_LOOKUP_H

#include <limits.h>
#include <stdbool.h>

#include "lib/problem.h"
#include "users/deliverable.h"
#include "users/roster.h"

struct lookup {
	char home[PATH_MAX]; /* the qmail home, absolute */
	bool rootless;
	const struct roster *roster; /* NULL: the system is asked for each user */
	struct routes routes;
	struct deliverable_sources sources; /* points back here */
};

/* The current directory must be the home, now and whenever `sources` is used.  0, or -1 with
 * errno. */
int lookup_start(struct lookup *l);

/* Read the control files (again): ANSWER_YES, or ANSWER_ERROR with `problem`. */
enum answer lookup_read(struct lookup *l, struct problem *problem);
void lookup_end(struct lookup *l);

#endif
