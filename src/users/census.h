/* census - the local parts of this host, found by where they may come from and judged by
 * deliverable_local(): what goes into a set is never a guess about its rules.
 *
 * An address is judged by itself, or with all that start like it up to a '-' and have no closer
 * item: these by one that nobody has.  What starts like somebody's without a '-' there (a wildcard
 * "+joe", a directory ".qmail-lists"), and an address that ends in "-default", is judged with the
 * rest up to the '-' before it: if one of them has a mailbox, all are taken to have one. */
#ifndef USERS_CENSUS_H
#define USERS_CENSUS_H

#include "lib/view.h"
#include "users/deliverable.h"
#include "users/homes.h"
#include "users/rcptset.h"

enum {
	CENSUS_DOTS_MAX = 8, /* in the name of a file, where an address has '.' or ':' */
	CENSUS_ADDRESSES_MAX = 100000, /* of one home; with more, all of its are taken */
};

/* A local part that no address has. */
#define CENSUS_NOBODY         \
	{                     \
		"\001\001", 2 \
	}

struct census {
	const struct deliverable_sources *sources;
	/* The home of an account; `context` is that of the sources. */
	const struct home *(*home)(void *context, const struct account *account);
	struct rcptset *set;
};

/* `local` may have a mailbox. */
void census_local(struct census *c, struct view local);

/* All that start with `start` are somebody's: a wildcard of users/cdb, a user with the '-' behind
 * the name, or alias ("").  Counts the files of that home. */
void census_start(struct census *c, struct view start);

#endif
