#include "repair/numbers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "repair/tree.h"

/* A message file: 16 octets, as a queue may hold a million. */
struct named {
	uint64_t name, inode;
};

struct census { /* by name */
	struct named *list;
	size_t count, size;
	uint64_t beyond; /* larger than every number in it */
};

static void
count_file(struct repair *r, const struct tree_file *file, void *context)
{
	struct census *c = context;
	uint64_t inode = (uint64_t)file->st.st_ino;
	char path[NAME_MAX_OCTETS];

	/* One that could not be brought to its place is not the message of that number. */
	layout_path(&r->layout, LAYOUT_MESS, file->number, path);
	if (strcmp(path, file->path) != 0)
		return;
	if (c->count == c->size) {
		c->size = c->size ? c->size * 2 : 64;
		c->list = mem_resize(c->list, c->size * sizeof *c->list);
	}
	c->list[c->count++] = (struct named) { file->number, inode };
	if (file->number >= c->beyond)
		c->beyond = file->number + 1;
	if (inode >= c->beyond)
		c->beyond = inode + 1;
}

static int
by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	return (x->name > y->name) - (x->name < y->name);
}

static struct named *
find(const struct census *c, uint64_t name)
{
	struct named key = { name, 0 };

	return c->count == 0 ? NULL
			     : bsearch(&key, c->list, c->count, sizeof *c->list, by_name);
}

/* Has it to give way?  Not if it is the same file, which was given its new name already. */
static struct named *
holder_of(const struct census *c, const struct named *wants)
{
	struct named *there = find(c, wants->inode);

	return there && there->inode != there->name ? there : NULL;
}

static bool
report(struct repair *r, const struct named *n)
{
	char path[NAME_MAX_OCTETS];

	layout_path(&r->layout, LAYOUT_MESS, n->name, path);
	return repair_found(r, path, "is not named like its inode");
}

static void
change(struct repair *r, struct named *n, uint64_t to)
{
	char path[NAME_MAX_OCTETS];
	int result = numbers_change(r, n->name, to);

	layout_path(&r->layout, LAYOUT_MESS, n->name, path);
	if (result < 0 && errno == EEXIST)
		repair_left(r, path, "cannot have its number: another message has it");
	else
		repair_done(r, path, result);
}

/* A message whose name another one needs goes first, and so on: along that chain to its end, or around a
 * circle, which one of it leaves for a number that nobody has. */
struct chain {
	struct named **list;
	size_t count, size;
};

static void
add(struct chain *chain, struct named *n)
{
	if (chain->count == chain->size) {
		chain->size = chain->size ? chain->size * 2 : 64;
		chain->list =
		    mem_resize(chain->list, chain->size * sizeof(struct named *));
	}
	chain->list[chain->count++] = n;
}

/* All of the chain are counted as found: the first was, and each of the others is now. */
static void
settle(struct repair *r, const struct census *c, struct chain *chain, struct named *first)
{
	struct named *next = first;
	bool around = false;

	chain->count = 0;
	do {
		add(chain, next);
		next = holder_of(c, next);
		around = next == first;
	} while (next && !around && chain->count <= c->count);
	if (around)
		change(r, first, c->beyond);
	while (chain->count > 0) {
		struct named *n = chain->list[--chain->count], moved = *n;

		if (n == first && around)
			moved.name = c->beyond;
		if (n != first)
			report(r, n);
		change(r, &moved, n->inode);
		n->inode = n->name; /* it is settled; the list stays in its order */
	}
}

void
numbers_mend(struct repair *r)
{
	struct census c = { .beyond = 1 };
	struct chain chain = { 0 };
	size_t i;

	tree_each(r, LAYOUT_MESS, false, count_file, &c);
	if (c.count > 0)
		qsort(c.list, c.count, sizeof *c.list, by_name);
	for (i = 0; i < c.count; i++)
		if (c.list[i].name != c.list[i].inode && report(r, &c.list[i]))
			settle(r, &c, &chain, &c.list[i]);
	mem_free(chain.list);
	mem_free(c.list);
}
