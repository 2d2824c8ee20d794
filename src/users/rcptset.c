#include "users/rcptset.h"

#include <stdlib.h>

#include "lib/mem.h"

void
rcptset_free(struct rcptset *set)
{
	mem_free(set->items);
	arena_free(&set->mem);
	*set = (struct rcptset) { 0 };
}

void
rcptset_add(struct rcptset *set, struct view name, bool begins, bool good)
{
	if (set->count == set->size) {
		set->size = set->size ? 2 * set->size : 256;
		set->items = mem_resize(set->items, set->size * sizeof *set->items);
	}
	set->items[set->count++] =
	    (struct rcptset_item) { arena_copy(&set->mem, name), begins, good };
}

/* A beginning comes before all that it begins, and before the whole local part of its name. */
static int
compare(const void *one, const void *two)
{
	const struct rcptset_item *a = one, *b = two;
	int by_name = view_compare(a->name, b->name);

	return by_name != 0 ? by_name : b->begins - a->begins;
}

void
rcptset_sort(struct rcptset *set)
{
	size_t i, kept = 0;

	if (set->count == 0)
		return;
	qsort(set->items, set->count, sizeof *set->items, compare);
	for (i = 1; i < set->count; i++)
		if (compare(&set->items[kept], &set->items[i]) == 0)
			set->items[kept].good |= set->items[i].good;
		else
			set->items[++kept] = set->items[i];
	set->count = kept + 1;
}

/* The first item that does not come before `name`. */
static size_t
find(const struct rcptset *set, struct view name)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (view_compare(set->items[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The beginnings that the item in turn is a part of, and that were taken. */
struct path {
	const struct rcptset_item **items;
	size_t count, size;
};

static void
enter(struct path *path, const struct rcptset_item *item)
{
	if (path->count == path->size) {
		path->size = path->size ? 2 * path->size : 16;
		path->items = mem_resize(
		    path->items, path->size * sizeof(const struct rcptset_item *));
	}
	path->items[path->count++] = item;
}

void
rcptset_each(
    const struct rcptset *set, struct view from, rcptset_taker *take, void *context)
{
	struct path path = { 0 };
	size_t i;

	for (i = find(set, from); i < set->count; i++) {
		const struct rcptset_item *item = &set->items[i];
		struct rcptset_item rest = *item;

		if (!view_starts(item->name, from))
			break;
		if (item->name.len == from.len && !item->begins)
			continue; /* an empty local part */
		while (path.count > 0 &&
		    !view_starts(item->name, path.items[path.count - 1]->name))
			path.count--;
		if (path.count > 0 && path.items[path.count - 1]->good == item->good)
			continue;
		if (item->begins)
			enter(&path, item);
		rest.name = view_from(item->name, from.len);
		take(context, &rest);
	}
	mem_free(path.items);
}
