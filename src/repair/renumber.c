#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "repair/numbers.h"
#include "repair/tree.h"

/* What goes with a message besides todo/N and info/N.  mess/N is the first to get its new name and the
 * last to lose its old one. */
static const enum layout_dir others[] = { LAYOUT_MESS, LAYOUT_INTD, LAYOUT_LOCAL,
	LAYOUT_REMOTE, LAYOUT_BOUNCE };

enum { OTHERS = sizeof others / sizeof *others };

static bool
is_queued(struct repair *r, uint64_t n)
{
	return tree_has(r, LAYOUT_TODO, n) || tree_has(r, LAYOUT_INFO, n);
}

/* While todo/N is there these are made anew from it, and nothing was delivered: but without it they
 * would be taken for the message. */
static int
forget_halves(struct repair *r, uint64_t n)
{
	if (tree_remove(r, LAYOUT_INFO, n) < 0 || tree_remove(r, LAYOUT_LOCAL, n) < 0 ||
	    tree_remove(r, LAYOUT_REMOTE, n) < 0)
		return -1;
	repair_sync(r);
	return 0;
}

static int
second_name(struct repair *r, enum layout_dir dir, uint64_t from, uint64_t to)
{
	char old[NAME_MAX_OCTETS], new[NAME_MAX_OCTETS];
	struct stat st, there;

	if (tree_stat(r, dir, from, &st) < 0)
		return errno == ENOENT && dir != LAYOUT_MESS ? 0 : -1;
	if (tree_stat(r, dir, to, &there) == 0) {
		if (there.st_ino == st.st_ino && there.st_dev == st.st_dev)
			return 0;
		if (dir == LAYOUT_MESS)
			return errno = EEXIST, -1;
	}
	/* Of a message that is no more. */
	if (tree_remove(r, dir, to) < 0)
		return -1;
	layout_path(&r->layout, dir, from, old);
	layout_path(&r->layout, dir, to, new);
	return linkat(r->layout.fd, old, r->layout.fd, new, 0);
}

static int
remove_remains(struct repair *r, enum layout_dir dir, uint64_t from, uint64_t to)
{
	struct stat st;

	if (tree_stat(r, dir, from, &st) == 0 || errno != ENOENT)
		return 0;
	return tree_remove(r, dir, to);
}

static int
second_names(struct repair *r, uint64_t from, uint64_t to)
{
	size_t i;

	for (i = 0; i < OTHERS; i++) {
		if (second_name(r, others[i], from, to) < 0)
			return -1;
		if (others[i] != LAYOUT_MESS &&
		    remove_remains(r, others[i], from, to) < 0)
			return -1;
	}
	repair_sync(r);
	return 0;
}

/* The moment when it has the other number. */
static int
rename_record(struct repair *r, enum layout_dir dir, uint64_t from, uint64_t to)
{
	char old[NAME_MAX_OCTETS], new[NAME_MAX_OCTETS];

	layout_path(&r->layout, dir, from, old);
	layout_path(&r->layout, dir, to, new);
	repair_as(r, dir);
	if (renameat(r->layout.fd, old, r->layout.fd, new) < 0)
		return -1;
	repair_sync(r);
	return 0;
}

static int
old_names(struct repair *r, uint64_t from)
{
	size_t i;

	for (i = OTHERS; i > 0; i--)
		if (tree_remove(r, others[i - 1], from) < 0)
			return -1;
	return 0;
}

int
numbers_change(struct repair *r, uint64_t from, uint64_t to)
{
	bool is_new = tree_has(r, LAYOUT_TODO, from);
	bool is_old = !is_new && tree_has(r, LAYOUT_INFO, from);

	if (is_queued(r, to)) /* its old names are all that is left */
		return is_new || is_old ? (errno = EEXIST, -1) : old_names(r, from);
	if (is_new && forget_halves(r, from) < 0)
		return -1;
	if (second_names(r, from, to) < 0)
		return -1;
	if ((is_new || is_old) &&
	    rename_record(r, is_new ? LAYOUT_TODO : LAYOUT_INFO, from, to) < 0)
		return -1;
	return old_names(r, from);
}
