#define _GNU_SOURCE
#include "queue/intake.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "os/os.h"
#include "queue/alive.h"

enum { FILE_MODE = 0644, CREATE = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC };

/* ---- the message file: made in pid/, then named after its inode ------------------------- */

static void
remove_pid_names(struct intake *in)
{
	char path[NAME_MAX_OCTETS];
	unsigned try;

	for (try = 1; in->pid_names && try <= NAME_PID_TRIES; try++) {
		if (!(in->pid_names & 1U << try))
			continue;
		name_pid(path, in->pid, in->now, try);
		unlinkat(in->layout->fd, path, 0);
		in->pid_names &= ~(1U << try);
	}
}

/* Create pid/P.T.`try` and link it as mess/N.  *again: somebody has that name already. */
static enum queue_exit
name_message(struct intake *in, unsigned try, bool *again)
{
	char from[NAME_MAX_OCTETS], to[NAME_MAX_OCTETS];
	struct stat st;

	name_pid(from, in->pid, in->now, try);
	in->mess_fd = openat(in->layout->fd, from, CREATE, FILE_MODE);
	if (in->mess_fd < 0) {
		*again = errno == EEXIST || errno == EINTR;
		return QUEUE_NO_PID;
	}
	in->pid_names |= 1U << try;
	alive_begin(in->mess_fd);
	if (fstat(in->mess_fd, &st) < 0)
		return QUEUE_NO_PID;
	in->number = (uint64_t)st.st_ino;
	layout_path(in->layout, LAYOUT_MESS, in->number, to);
	if (linkat(in->layout->fd, from, in->layout->fd, to, 0) < 0) {
		*again = errno == EEXIST;
		return QUEUE_NO_MESS;
	}
	in->has_mess = true;
	if (unlinkat(in->layout->fd, from, 0) < 0)
		return QUEUE_NO_PID;
	in->pid_names &= ~(1U << try);
	return QUEUE_OK;
}

/* A queue restored from a backup has messages under numbers that are not their inodes.  The file
 * that met one is kept until the next one exists: so the next cannot get the same inode. */
static enum queue_exit
name_message_somehow(struct intake *in)
{
	enum queue_exit result = QUEUE_NO_PID;
	unsigned try;

	for (try = 1; try <= NAME_PID_TRIES; try++) {
		bool again = false;

		fd_close(&in->mess_fd);
		result = name_message(in, try, &again);
		if (!again)
			break;
	}
	return result;
}

/* The directories that get a name are opened before the first octet is read: a shortage of
 * descriptors should not cost the sender a transfer. */
static enum queue_exit
open_directories(struct intake *in)
{
	in->todo_dir_fd = layout_open_holder(in->layout, LAYOUT_TODO, in->number);
	if (in->todo_dir_fd < 0)
		return QUEUE_NO_TODO;
	if (!in->layout->sync_mess_dir)
		return QUEUE_OK;
	in->mess_dir_fd = layout_open_holder(in->layout, LAYOUT_MESS, in->number);
	return in->mess_dir_fd < 0 ? QUEUE_NO_MESS : QUEUE_OK;
}

enum queue_exit
intake_begin(struct intake *in, const struct layout *layout, pid_t pid, int64_t now,
    int64_t give_up_ms)
{
	enum queue_exit result;

	*in = (struct intake) { .layout = layout,
		.pid = (uint64_t)pid,
		.now = now > 0 ? (uint64_t)now : 0,
		.give_up_ms = give_up_ms,
		.mess_fd = -1,
		.intd_fd = -1,
		.todo_dir_fd = -1,
		.mess_dir_fd = -1 };
	result = name_message_somehow(in);
	if (result != QUEUE_OK)
		return result;
	remove_pid_names(in);
	return open_directories(in);
}

/* ---- contents --------------------------------------------------------------------------- */

enum queue_exit
intake_message(struct intake *in, struct view octets)
{
	return fd_write_all(in->mess_fd, octets) < 0 ? QUEUE_WRITE_ERROR : QUEUE_OK;
}

/* fsync and not fdatasync: it carries the name mess/N along.  A failed fsync is never tried
 * again: Linux reports a lost page once. */
enum queue_exit
intake_message_end(struct intake *in)
{
	return fsync(in->mess_fd) < 0 ? QUEUE_WRITE_ERROR : QUEUE_OK;
}

enum queue_exit
intake_envelope(struct intake *in, struct view octets)
{
	if (!in->has_intd) {
		char path[NAME_MAX_OCTETS];

		layout_path(in->layout, LAYOUT_INTD, in->number, path);
		do
			in->intd_fd = openat(in->layout->fd, path, CREATE, FILE_MODE);
		while (in->intd_fd < 0 && errno == EINTR);
		if (in->intd_fd < 0)
			return QUEUE_NO_INTD;
		in->has_intd = true;
	}
	return fd_write_all(in->intd_fd, octets) < 0 ? QUEUE_WRITE_ERROR : QUEUE_OK;
}

/* ---- the commit ------------------------------------------------------------------------- */

/* After a jump of the clock qmail-clean may have taken mess/N for debris (queue 1.7). */
static bool
message_has_a_name(const struct intake *in)
{
	struct stat st;

	return fstat(in->mess_fd, &st) == 0 && st.st_nlink >= 1;
}

enum queue_exit
intake_commit(struct intake *in)
{
	char intd[NAME_MAX_OCTETS], todo[NAME_MAX_OCTETS];

	if (fsync(in->intd_fd) < 0)
		return QUEUE_WRITE_ERROR;
	if (in->mess_dir_fd >= 0 && fsync(in->mess_dir_fd) < 0)
		return QUEUE_WRITE_ERROR;
	if (os_boottime_ms() >= in->give_up_ms || !message_has_a_name(in))
		return QUEUE_TIMEOUT;
	layout_path(in->layout, LAYOUT_INTD, in->number, intd);
	layout_path(in->layout, LAYOUT_TODO, in->number, todo);
	if (linkat(in->layout->fd, intd, in->layout->fd, todo, 0) < 0)
		return QUEUE_NO_TODO;
	in->has_todo = true;
	return fsync(in->todo_dir_fd) < 0 ? QUEUE_NO_TODO : QUEUE_OK;
}

/* The space is given back even where the name cannot be removed. */
static void
discard(struct intake *in, enum layout_dir dir, int fd)
{
	char path[NAME_MAX_OCTETS];

	layout_path(in->layout, dir, in->number, path);
	if (ftruncate(fd, 0) < 0 && errno == EINTR)
		(void)!ftruncate(fd, 0);
	unlinkat(in->layout->fd, path, 0);
}

void
intake_abandon(struct intake *in)
{
	if (in->has_todo)
		return;
	if (in->has_intd)
		discard(in, LAYOUT_INTD, in->intd_fd);
	if (in->has_mess)
		discard(in, LAYOUT_MESS, in->mess_fd);
	in->has_intd = in->has_mess = false;
	remove_pid_names(in);
}

struct restrict_plan
intake_plan(const struct layout *layout)
{
	enum {
		ALL = RESTRICT_PATH_READ | RESTRICT_PATH_WRITE | RESTRICT_PATH_CREATE |
		    RESTRICT_PATH_MOVE,
	};
	static const char *const names[] = { "pid", "mess", "intd", "todo", "lock" };
	struct restrict_plan plan = { .may = RESTRICT_READ | RESTRICT_WRITE };
	size_t i;

	restrict_allow_directory(&plan, layout->fd, ALL);
	for (i = 0; i < sizeof names / sizeof *names; i++)
		restrict_allow_link(&plan, layout->fd, names[i], ALL);
	return plan;
}
