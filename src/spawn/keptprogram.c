#include "spawn/keptprogram.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>

#include "lib/fd.h"
#include "lib/spawn.h"
#include "lib/str.h"
#include "wire/kept.h"

enum {
	PROGRAM_MAX = 64 * 1024 * 1024,
	ASK_WAIT = 5, /* seconds for a program to say who it is */
};

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static bool
holds(struct view bytes, struct view mark)
{
	size_t at;

	while ((at = view_index(bytes, mark.at[0])) < bytes.len) {
		if (view_starts(view_from(bytes, at), mark))
			return true;
		bytes = view_from(bytes, at + 1);
	}
	return false;
}

/* Start it as a worker; *fd is our end of its descriptor 0. */
static pid_t
start(const char *path, int *fd)
{
	char name[] = "qmail-remote", option[] = "-k", *argv[] = { name, option, NULL };
	struct spawn spawn = { .path = path, .argv = argv };
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	spawn_give(&spawn, 0, pair[1]);
	spawn_give(&spawn, 1, SPAWN_NULL);
	spawn_give(&spawn, 2, SPAWN_NULL);
	pid = spawn_start(&spawn);
	fd_close(&pair[1]);
	*fd = pair[0];
	return pid;
}

static bool
answers(int fd, const struct stat *st)
{
	struct deadline end = deadline_in(ASK_WAIT);
	struct str packet = { 0 };
	struct frame frame;
	struct kept_file self;
	bool same = false;

	kept_pack_who(&packet);
	if (frame_send(fd, &packet, NULL, 0, end) == 0 &&
	    frame_receive(fd, &packet, &frame, end) > 0) {
		same = kept_self(&frame, &self) && self.device == st->st_dev &&
		    self.inode == st->st_ino;
		frame_close_fds(&frame);
	}
	str_free(&packet);
	return same;
}

/* What qmail's modes let us run and not read (0711) is asked which file it is: of a program that runs
 * ours in its turn that is another.  A script that nobody can read does not run. */
static bool
says_it_is(const char *path, const struct stat *st)
{
	int fd = -1, status;
	pid_t pid = start(path, &fd);
	bool ours = pid > 0 && answers(fd, st);

	fd_close(&fd);
	if (pid > 0 && spawn_wait(pid, deadline_in(ASK_WAIT), &status) < 0) {
		kill(pid, SIGKILL);
		spawn_wait(pid, deadline_never(), &status);
	}
	return ours;
}

/* A script that only speaks of us begins otherwise.  False: it could not be read, for now. */
static bool
find_mark(const char *path, const struct stat *st, bool *marked)
{
	struct str bytes = { 0 };
	bool read = fd_read_file(path, &bytes, PROGRAM_MAX) == 0;

	if (!read && errno == EACCES) {
		*marked = says_it_is(path, st);
		return true;
	}
	*marked = read && view_starts(str_view(&bytes), VIEW("\177ELF")) &&
	    holds(str_view(&bytes), VIEW(KEPT_MARK));
	str_free(&bytes);
	return read;
}

bool
keptprogram_is_ours(struct keptprogram *p, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	if (!is_same(&st, &p->seen)) {
		if (!find_mark(path, &st, &p->ours))
			return false;
		p->seen = st;
	}
	return p->ours;
}
