/* rcptset - which local parts have a mailbox, said in the way of validrcptto.cdb (inbound 6.1): by
 * whole ones, and by beginnings that end in a '-'.  Of a local part that is no item itself, the
 * longest beginning decides; the empty beginning is everything. */
#ifndef USERS_RCPTSET_H
#define USERS_RCPTSET_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/arena.h"
#include "lib/view.h"

struct rcptset_item {
	struct view name; /* in lower case */
	bool begins;      /* a beginning: empty, or with a '-' at its end */
	bool good;        /* has a mailbox */
};

/* {0} is empty. */
struct rcptset {
	struct rcptset_item *items;
	size_t count, size;
	struct arena mem;
};
void rcptset_free(struct rcptset *set);

/* Of equal items that say different things, those that say yes count. */
void rcptset_add(struct rcptset *set, struct view name, bool begins, bool good);

/* After the last item: puts them in order. */
void rcptset_sort(struct rcptset *set);

/* What the set says about the local parts that start with `from`, a beginning that was added: first
 * the beginning itself, with an empty name, then each item that says something else than what it is
 * a part of, with its name behind `from`. */
typedef void rcptset_taker(void *context, const struct rcptset_item *item);
void rcptset_each(
    const struct rcptset *set, struct view from, rcptset_taker *take, void *context);

#endif
