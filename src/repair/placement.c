#define _GNU_SOURCE
#include "repair/placement.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <string.h>
#include <unistd.h>

#include "repair/tree.h"

enum { SPARE_MODE = 0700 };

static bool
is_same(const struct repair *r, const char *a, const char *b)
{
	struct stat x, y;

	return fstatat(r->layout.fd, a, &x, AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstatat(r->layout.fd, b, &y, AT_SYMLINK_NOFOLLOW) == 0 &&
	    x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

static bool
is_directory(const struct repair *r, const char *path)
{
	struct stat st;

	return fstatat(r->layout.fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode);
}

/* By a second name: nothing is overwritten, and there is one all the time. */
static int
move(const struct repair *r, const char *from, const char *to)
{
	if (linkat(r->layout.fd, from, r->layout.fd, to, 0) < 0 &&
	    (errno != EEXIST || !is_same(r, from, to)))
		return -1;
	return unlinkat(r->layout.fd, from, 0);
}

/* A directory that nobody wants: what is left in it is found there by the next repair. */
static int
make_spare(const struct repair *r, enum layout_dir dir, uint64_t *part)
{
	char path[NAME_MAX_OCTETS];

	for (*part = LAYOUT_SPLIT_MAX + 1;; ++*part) {
		name_flat(path, layout_name(dir), *part);
		if (mkdirat(r->layout.fd, path, SPARE_MODE) == 0 ||
		    (errno == EEXIST && is_directory(r, path)))
			return 0;
		if (errno != EEXIST)
			return -1;
	}
}

int
placement_set_aside(
    const struct repair *r, enum layout_dir dir, const char *from, uint64_t number)
{
	char to[NAME_MAX_OCTETS];
	struct stat st;
	uint64_t part;

	if (make_spare(r, dir, &part) < 0)
		return -1;
	name_split(to, layout_name(dir), part, number);
	if (fstatat(r->layout.fd, to, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return errno = EEXIST, -1;
	return renameat(r->layout.fd, from, r->layout.fd, to);
}

static bool
is_taken(struct repair *r, const struct tree_file *file)
{
	struct stat st;

	return tree_stat(r, file->dir, file->number, &st) == 0 &&
	    (st.st_ino != file->st.st_ino || st.st_dev != file->st.st_dev);
}

struct placing {
	enum layout_dir dir;
	uint64_t parts; /* that are wanted */
	bool again;     /* a file waits for a directory to go */
	bool last;      /* time that files are looked at */
};

/* todo/N goes where todo/N is a directory too many.  That has to go first, and so must be empty. */
static void
wait_for_directory(struct repair *r, const struct tree_file *file, struct placing *p)
{
	if (!repair_found(r, file->path, "is in the wrong directory"))
		return;
	p->again = true;
	if (file->part == file->number)
		repair_done(r, file->path,
		    placement_set_aside(r, file->dir, file->path, file->number));
}

static void
mend_file(struct repair *r, const struct tree_file *file, void *context)
{
	struct placing *p = context;
	char to[NAME_MAX_OCTETS];

	layout_path(&r->layout, file->dir, file->number, to);
	if (strcmp(to, file->path) == 0)
		return;
	if (p->parts == 0 && !p->last && is_directory(r, to))
		wait_for_directory(r, file, p);
	else if (is_taken(r, file))
		repair_left(r, file->path,
		    "is in the wrong directory, and in the right one is another");
	else if (repair_found(r, file->path, "is in the wrong directory"))
		repair_done(r, file->path, move(r, file->path, to));
}

static void
mend_part(struct repair *r, uint64_t part, void *context)
{
	const struct placing *p = context;
	char path[NAME_MAX_OCTETS];

	if (part < p->parts)
		return;
	name_flat(path, layout_name(p->dir), part);
	if (!repair_found(r, path, "is a directory too many") ||
	    unlinkat(r->layout.fd, path, AT_REMOVEDIR) == 0)
		return;
	if (errno != ENOTEMPTY)
		repair_done(r, path, -1);
	else if (!p->again)
		repair_left(r, path, "is not empty");
}

static void
mend(struct repair *r, struct placing *p)
{
	repair_as(r, p->dir);
	tree_each(r, p->dir, false, mend_file, p);
	if (r->act)
		repair_sync(r);
	repair_as(r, p->dir);
	tree_each_subdirectory(r, p->dir, mend_part, p);
}

void
placement_mend(struct repair *r)
{
	/* info/N and todo/N last: where they are, the others must be. */
	static const enum layout_dir order[] = { LAYOUT_MESS, LAYOUT_INTD, LAYOUT_BOUNCE,
		LAYOUT_LOCAL, LAYOUT_REMOTE, LAYOUT_INFO, LAYOUT_TODO };
	size_t i;

	for (i = 0; i < sizeof order / sizeof *order; i++) {
		uint64_t parts = layout_parts(&r->layout, order[i]);
		struct placing p = { .dir = order[i], .parts = parts == 1 ? 0 : parts };

		mend(r, &p);
		if (!p.again)
			continue;
		p.again = false;
		p.last = true;
		mend(r, &p);
	}
}
