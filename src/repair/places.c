#define _GNU_SOURCE
#include "repair/places.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "repair/placement.h"
#include "repair/tree.h"

enum { MODE_BITS = 07777, TCPTO_OCTETS = 1024 };

struct place {
	const char *path;
	enum repair_owner owner;
	mode_t mode;
};

bool
places_differ(const struct repair *r, const struct stat *st, enum repair_owner owner,
    mode_t mode, bool group)
{
	return st->st_uid != r->uids[owner] ||
	    (group && r->is_root && st->st_gid != r->gid) ||
	    (st->st_mode & MODE_BITS) != mode;
}

/* The mode last: fchown() may take bits of it. */
int
places_give(struct repair *r, int fd, enum repair_owner owner, mode_t mode)
{
	if (r->is_root && fchown(fd, r->uids[owner], r->gid) < 0)
		return -1;
	return fchmod(fd, mode);
}

/* --- directories ---------------------------------------------------------------------------------------- */

static int
make_directory(struct repair *r, const struct place *p)
{
	int fd, result;

	if (mkdirat(r->layout.fd, p->path, 0700) < 0)
		return -1;
	fd = tree_open(r, p->path);
	result = fd < 0 ? -1 : places_give(r, fd, p->owner, p->mode);
	fd_close(&fd);
	return result;
}

/* One that may not be read, even by its owner, cannot be opened before its mode is right. */
static int
open_somehow(struct repair *r, const struct place *p)
{
	int fd = tree_open(r, p->path);

	if (fd < 0 && errno == EACCES && r->act && !r->is_root &&
	    fchmodat(r->layout.fd, p->path, p->mode, 0) == 0)
		fd = tree_open(r, p->path);
	return fd;
}

static void
mend_directory(struct repair *r, const struct place *p)
{
	int fd = open_somehow(r, p);
	struct stat st;

	if (fd < 0 && errno == ENOENT) {
		if (repair_found(r, p->path, "is missing"))
			repair_done(r, p->path, make_directory(r, p));
	} else if (fd < 0) {
		repair_done(
		    r, p->path, repair_found(r, p->path, "cannot be opened") ? -1 : 0);
	} else if (fstat(fd, &st) < 0) {
		repair_done(r, p->path, -1);
	} else if (places_differ(r, &st, p->owner, p->mode, true)) {
		if (repair_found(r, p->path, "has the wrong owner or mode"))
			repair_done(r, p->path, places_give(r, fd, p->owner, p->mode));
	}
	fd_close(&fd);
}

/* todo/N of a queue where that was not split, and todo/ is to be.  The directory is its user's, who might put
 * anything there meanwhile. */
static void
make_room(struct repair *r, enum layout_dir dir, const char *path, uint64_t number)
{
	struct stat st;

	if (fstatat(r->layout.fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode) ||
	    !repair_found(r, path, "is a file where a directory is to be"))
		return;
	r->as_users = r->is_root;
	repair_as(r, dir);
	repair_done(r, path, placement_set_aside(r, dir, path, number));
	repair_as_ourselves(r);
	r->as_users = false;
}

static void
mend_parts(struct repair *r, enum layout_dir dir, const struct place *whole)
{
	struct place part = *whole;
	char path[NAME_MAX_OCTETS];
	uint64_t k;

	for (k = 0;
	     k < layout_parts(&r->layout, dir) && layout_parts(&r->layout, dir) > 1;
	     k++) {
		name_flat(path, layout_name(dir), k);
		part.path = path;
		make_room(r, dir, path, k);
		mend_directory(r, &part);
	}
}

/* --- what is in lock/ ----------------------------------------------------------------------------------- */

static int
make_file(int lock, const char *name)
{
	static const char zeros[TCPTO_OCTETS];
	struct view table = { zeros, sizeof zeros };
	int fd = openat(lock, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0 && fd_write_all(fd, table) < 0)
		fd_close(&fd);
	return fd;
}

static void
mend_tcpto(struct repair *r, int lock, const char *name, const char *path, bool wanted)
{
	int fd = openat(lock, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ENOENT) {
		if (wanted && repair_found(r, path, "is missing")) {
			fd = make_file(lock, name);
			repair_done(r, path,
			    fd < 0 ? -1 : places_give(r, fd, REPAIR_QMAILR, 0644));
		}
	} else if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_nlink != 1) {
		repair_left(r, path, "is no plain file of one name");
	} else if (places_differ(r, &st, REPAIR_QMAILR, 0644, true)) {
		if (repair_found(r, path, "has the wrong owner or mode"))
			repair_done(r, path, places_give(r, fd, REPAIR_QMAILR, 0644));
	}
	fd_close(&fd);
}

static int
make_trigger(struct repair *r, int lock)
{
	int fd, result;

	if (unlinkat(lock, "trigger", 0) < 0 && errno != ENOENT)
		return -1;
	if (mkfifoat(lock, "trigger", 0600) < 0)
		return -1;
	fd = openat(lock, "trigger", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	result = fd < 0 ? -1 : places_give(r, fd, REPAIR_QMAILS, 0622);
	fd_close(&fd);
	return result;
}

/* Made anew, whatever is wrong with it: nobody reads it now. */
static void
mend_trigger(struct repair *r, int lock)
{
	struct stat st;

	if (fstatat(lock, "trigger", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISFIFO(st.st_mode) && !places_differ(r, &st, REPAIR_QMAILS, 0622, true))
		return;
	if (repair_found(r, "lock/trigger", "is no FIFO with its owner and mode"))
		repair_done(r, "lock/trigger", make_trigger(r, lock));
}

/* Its mode is 0 until the end. */
static void
mend_mutex(struct repair *r)
{
	struct stat st;

	if (r->mutex_fd < 0 || fstat(r->mutex_fd, &st) < 0)
		return;
	if (!places_differ(r, &st, REPAIR_QMAILS, r->act ? 0 : 0600, true))
		return;
	if (repair_found(r, "lock/sendmutex", "has the wrong owner or mode"))
		repair_done(
		    r, "lock/sendmutex", places_give(r, r->mutex_fd, REPAIR_QMAILS, 0));
}

static const struct place lock_place = { "lock", REPAIR_QMAILQ, 0750 };

void
places_make_lock(struct repair *r)
{
	int fd = tree_open(r, "lock");

	if (fd < 0)
		mend_directory(r, &lock_place);
	fd_close(&fd);
}

void
places_mend(struct repair *r)
{
	static const struct place queue = { ".", REPAIR_QMAILQ, 0750 },
				  pid = { "pid", REPAIR_QMAILQ, 0700 };
	static const struct place dirs[] = {
		[LAYOUT_MESS] = { "mess", REPAIR_QMAILQ, 0750 },
		[LAYOUT_INFO] = { "info", REPAIR_QMAILS, 0700 },
		[LAYOUT_LOCAL] = { "local", REPAIR_QMAILS, 0700 },
		[LAYOUT_REMOTE] = { "remote", REPAIR_QMAILS, 0700 },
		[LAYOUT_INTD] = { "intd", REPAIR_QMAILQ, 0700 },
		[LAYOUT_TODO] = { "todo", REPAIR_QMAILQ, 0750 },
		[LAYOUT_BOUNCE] = { "bounce", REPAIR_QMAILS, 0700 },
	};
	enum layout_dir dir;
	int lock;

	mend_directory(r, &queue);
	mend_directory(r, &pid);
	mend_directory(r, &lock_place);
	for (dir = LAYOUT_MESS; dir <= LAYOUT_BOUNCE; dir++) {
		mend_directory(r, &dirs[dir]);
		mend_parts(r, dir, &dirs[dir]);
	}
	lock = tree_open(r, "lock");
	if (lock < 0)
		return;
	mend_mutex(r);
	mend_tcpto(r, lock, "tcpto", "lock/tcpto", true);
	mend_tcpto(r, lock, "tcpto6", "lock/tcpto6", false);
	mend_trigger(r, lock);
	fd_close(&lock);
}
