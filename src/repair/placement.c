#define _GNU_SOURCE
#include "repair/placement.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "repair/tree.h"

/* By a second name: nothing is overwritten, and there is one all the time. */
static int
move(const struct repair *r, const struct tree_file *file, const char *to)
{
	struct stat st;

	if (linkat(r->layout.fd, file->path, r->layout.fd, to, 0) < 0) {
		if (errno != EEXIST ||
		    fstatat(r->layout.fd, to, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    st.st_ino != file->st.st_ino || st.st_dev != file->st.st_dev)
			return -1;
	}
	return unlinkat(r->layout.fd, file->path, 0);
}

static bool
is_taken(struct repair *r, const struct tree_file *file)
{
	struct stat st;

	return tree_stat(r, file->dir, file->number, &st) == 0 &&
	    (st.st_ino != file->st.st_ino || st.st_dev != file->st.st_dev);
}

static void
mend_file(struct repair *r, const struct tree_file *file, void *context)
{
	char to[NAME_MAX_OCTETS];

	(void)context;
	layout_path(&r->layout, file->dir, file->number, to);
	if (strcmp(to, file->path) == 0)
		return;
	if (is_taken(r, file))
		repair_left(r, file->path,
		    "is in the wrong directory, and in the right one is another");
	else if (repair_found(r, file->path, "is in the wrong directory"))
		repair_done(r, file->path, move(r, file, to));
}

struct superfluous {
	enum layout_dir dir;
	uint64_t parts; /* that are wanted */
};

static void
mend_part(struct repair *r, uint64_t part, void *context)
{
	const struct superfluous *s = context;
	char path[NAME_MAX_OCTETS];

	if (part < s->parts)
		return;
	name_flat(path, tree_name(s->dir), part);
	if (!repair_found(r, path, "is a directory too many") ||
	    unlinkat(r->layout.fd, path, AT_REMOVEDIR) == 0)
		return;
	if (errno == ENOTEMPTY)
		repair_left(r, path, "is not empty");
	else
		repair_done(r, path, -1);
}

void
placement_mend(struct repair *r)
{
	/* info/N and todo/N last: where they are, the others must be. */
	static const enum layout_dir order[] = { LAYOUT_MESS, LAYOUT_INTD, LAYOUT_BOUNCE,
		LAYOUT_LOCAL, LAYOUT_REMOTE, LAYOUT_INFO, LAYOUT_TODO };
	size_t i;

	for (i = 0; i < sizeof order / sizeof *order; i++) {
		struct superfluous s = { order[i], layout_parts(&r->layout, order[i]) };

		if (s.parts == 1)
			s.parts = 0;
		repair_as(r, order[i]);
		tree_each(r, order[i], false, mend_file, NULL);
		if (r->act)
			repair_sync(r);
		repair_as(r, order[i]);
		tree_each_subdirectory(r, order[i], mend_part, &s);
	}
}
