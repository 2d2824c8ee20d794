#define _GNU_SOURCE
#include "repair/attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/fd.h"
#include "repair/places.h"
#include "repair/tree.h"

/* A file in intd/ and the one in todo/ are one, with two names. */
static bool
is_pair(struct repair *r, const struct tree_file *file)
{
	enum layout_dir other = file->dir == LAYOUT_INTD ? LAYOUT_TODO : LAYOUT_INTD;
	struct stat st;

	if (file->st.st_nlink != 2 ||
	    (file->dir != LAYOUT_INTD && file->dir != LAYOUT_TODO))
		return false;
	return tree_stat(r, other, file->number, &st) == 0 &&
	    st.st_ino == file->st.st_ino && st.st_dev == file->st.st_dev;
}

/* Without root we own it, and it may have a mode that opens for nobody. */
static int
open_file(const struct repair *r, const struct tree_file *file, mode_t mode)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd = openat(file->holder, file->name, flags);

	if (fd < 0 && errno == EACCES && !r->is_root &&
	    fchmodat(file->holder, file->name, mode, 0) == 0)
		fd = openat(file->holder, file->name, flags);
	return fd;
}

/* Only what was looked at: it may be another one by now. */
static int
give(struct repair *r, const struct tree_file *file, enum repair_owner owner, mode_t mode)
{
	int fd = open_file(r, file, mode), result = -1;
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_ino == file->st.st_ino &&
	    st.st_nlink == file->st.st_nlink && S_ISREG(st.st_mode))
		result = places_give(r, fd, owner, mode);
	else
		errno = EINVAL;
	fd_close(&fd);
	return result;
}

/* A second name may be in a place that is none of ours: root does not give such a file away. */
static void
mend_file(struct repair *r, const struct tree_file *file, void *context)
{
	bool is_queues = file->dir == LAYOUT_MESS || file->dir == LAYOUT_INTD ||
	    file->dir == LAYOUT_TODO;
	enum repair_owner owner = is_queues ? REPAIR_QMAILQ : REPAIR_QMAILS;
	mode_t mode = is_queues ? 0644 : 0600;

	(void)context;
	if (!places_differ(r, &file->st, owner, mode, !is_queues))
		return;
	if (r->is_root && file->st.st_nlink != 1 && !is_pair(r, file))
		repair_left(r, file->path,
		    "has the wrong owner or mode, and another name somewhere");
	else if (repair_found(r, file->path, "has the wrong owner or mode"))
		repair_done(r, file->path, give(r, file, owner, mode));
}

void
attributes_mend(struct repair *r)
{
	enum layout_dir dir;

	for (dir = LAYOUT_MESS; dir <= LAYOUT_BOUNCE; dir++)
		tree_each(r, dir, true, mend_file, NULL);
}
