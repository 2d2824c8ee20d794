#include "repair/repair.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config/ids.h"
#include "lib/complain.h"
#include "lib/fd.h"
#include "lib/str.h"
#include "os/filesystem.h"
#include "os/identity.h"
#include "repair/attributes.h"
#include "repair/numbers.h"
#include "repair/placement.h"
#include "repair/places.h"
#include "repair/remains.h"
#include "repair/split.h"
#include "repair/tree.h"

enum { MUTEX_MODE = 0600, MODE_BITS = 07777, ROUNDS = 5 };

/* --- what the parts share ------------------------------------------------------------------------------- */

static void
say(const char *path, const char *what, const char *more)
{
	struct str line = { 0 };

	str_append_text(&line, path);
	str_append_text(&line, ": ");
	str_append_text(&line, what);
	str_append_text(&line, more);
	str_append_byte(&line, '\n');
	fd_write_all(STDOUT_FILENO, str_view(&line));
	str_free(&line);
}

bool
repair_found(struct repair *r, const char *path, const char *what)
{
	say(path, what, "");
	r->found++;
	r->left += r->act ? 0 : 1;
	return r->act;
}

void
repair_left(struct repair *r, const char *path, const char *what)
{
	say(path, what, "");
	r->found++;
	r->left++;
}

void
repair_done(struct repair *r, const char *path, int result)
{
	if (result >= 0)
		return;
	say(path, "not mended: ", strerror(errno));
	r->left++;
	r->failed = true;
}

static enum repair_owner
owner_of(enum layout_dir dir)
{
	return dir == LAYOUT_MESS || dir == LAYOUT_INTD || dir == LAYOUT_TODO
	    ? REPAIR_QMAILQ
	    : REPAIR_QMAILS;
}

static _Noreturn void
lost_identity(void)
{
	complain("qmail-qrepair: fatal: unable to act as another user: ", strerror(errno),
	    (char *)NULL);
	_exit(111);
}

void
repair_as_ourselves(struct repair *r)
{
	if (r->acting != REPAIR_OWNERS && os_act_as_root() < 0)
		lost_identity();
	r->acting = REPAIR_OWNERS;
}

void
repair_as(struct repair *r, enum layout_dir dir)
{
	enum repair_owner owner = owner_of(dir);

	if (!r->as_users || r->acting == owner)
		return;
	repair_as_ourselves(r);
	if (os_act_as(r->uids[owner], r->gid) < 0)
		lost_identity();
	r->acting = owner;
}

void
repair_sync(struct repair *r)
{
	int i;

	/* Mostly both are on one, and the second finds nothing to do. */
	for (i = 0; i < 2; i++)
		if (r->sync_fds[i] >= 0)
			repair_done(r, "queue", os_sync_filesystem(r->sync_fds[i]));
}

/* --- begin and end -------------------------------------------------------------------------------------- */

static int
refuse(const char *why, const char *more)
{
	complain("qmail-qrepair: fatal: ", why, more, (char *)NULL);
	return -1;
}

static int
find_owners(struct repair *r)
{
	static const char *const names[] = { "qmailq", "qmails", "qmailr" };
	size_t i;

	r->is_root = geteuid() == 0;
	r->acting = REPAIR_OWNERS;
	for (i = 0; i < REPAIR_OWNERS; i++) {
		r->uids[i] = geteuid();
		if (r->is_root && ids_user(names[i], &r->uids[i]) != ANSWER_YES)
			return refuse("there is no user ", names[i]);
	}
	r->gid = getegid();
	if (r->is_root && ids_group("qmail", &r->gid) != ANSWER_YES)
		return refuse("there is no group ", "qmail");
	return 0;
}

/* Without root a file without mode opens for nobody, its owner included. */
static int
open_mutex(const struct repair *r, int lock)
{
	const int flags = O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd = openat(lock, "sendmutex", flags);

	if (fd < 0 && errno == EACCES && r->act &&
	    fchmodat(lock, "sendmutex", MUTEX_MODE, 0) == 0)
		fd = openat(lock, "sendmutex", flags);
	if (fd < 0 && errno == ENOENT && r->act)
		fd = openat(lock, "sendmutex", flags | O_CREAT | O_EXCL, MUTEX_MODE);
	return fd;
}

static void
report_mutex(struct repair *r)
{
	if (errno == EACCES)
		repair_found(r, "lock/sendmutex",
		    "may not be opened: a repair was cut short, or the mode is wrong");
	else if (errno == ENOENT)
		repair_found(r, "lock/sendmutex", "is missing");
	else
		repair_left(r, "lock/sendmutex", strerror(errno));
}

/* Nobody else may work on the queue, now and, until all is done, after us. */
static int
lock_queue(struct repair *r)
{
	int lock = tree_open(r, "lock");
	struct stat st;

	r->mutex_fd = lock < 0 ? -1 : open_mutex(r, lock);
	if (r->mutex_fd < 0 && !r->act) {
		report_mutex(r);
		fd_close(&lock);
		return 0;
	}
	fd_close(&lock);
	if (r->mutex_fd < 0)
		return refuse("unable to open queue/lock/sendmutex: ", strerror(errno));
	if (flock(r->mutex_fd, LOCK_EX | LOCK_NB) < 0)
		return refuse(errno == EWOULDBLOCK
			? "qmail-send is running: stop it first"
			: "unable to lock queue/lock/sendmutex: ",
		    errno == EWOULDBLOCK ? "" : strerror(errno));
	if (fstat(r->mutex_fd, &st) == 0)
		r->mutex_mode = st.st_mode & MODE_BITS;
	if (r->act && fchmod(r->mutex_fd, 0) < 0)
		return refuse("unable to lock qmail-send out: ", strerror(errno));
	return 0;
}

static void
unlock_queue(struct repair *r)
{
	repair_as_ourselves(r);
	if (r->act && !r->failed) {
		repair_sync(r);
		repair_done(
		    r, "lock/sendmutex", r->failed ? 0 : fchmod(r->mutex_fd, MUTEX_MODE));
	}
}

static int
begin(struct repair *r)
{
	r->mutex_fd = r->sync_fds[0] = r->sync_fds[1] = -1;
	r->now = (int64_t)time(NULL);
	if (find_owners(r) < 0)
		return -1;
	r->layout.fd = os_open_directory("queue");
	if (r->layout.fd < 0)
		return refuse("unable to enter queue: ", strerror(errno));
	/* Where the mutex is to be, must be a place for it. */
	if (r->act)
		places_make_lock(r);
	if (lock_queue(r) < 0)
		return -1;
	if (split_find(r) == 0)
		return 0;
	if (r->act && fchmod(r->mutex_fd, r->mutex_mode) < 0)
		return refuse("unable to unlock the queue: ", strerror(errno));
	return -1;
}

/* A qmail-queue that read the layout before it was another puts its message where that was: then once more. */
static void
mend_files(struct repair *r)
{
	int round;

	for (round = 0; round < ROUNDS; round++) {
		r->late = false;
		placement_mend(r);
		numbers_mend(r);
		remains_mend(r);
		if (!r->late || !r->act)
			return;
	}
	repair_left(r, "mess", "gets messages in directories that are too many");
}

int
repair_run(struct repair *r)
{
	int result = begin(r);

	if (result == 0) {
		places_mend(r);
		attributes_mend(r);
		r->sync_fds[0] = tree_open(r, layout_name(LAYOUT_MESS));
		r->sync_fds[1] = tree_open(r, layout_name(LAYOUT_INFO));
		r->as_users = r->act && r->is_root;
		mend_files(r);
		unlock_queue(r);
	}
	if (r->layout.fd >= 0)
		layout_close(&r->layout);
	fd_close(&r->sync_fds[0]);
	fd_close(&r->sync_fds[1]);
	fd_close(&r->mutex_fd);
	return result;
}
