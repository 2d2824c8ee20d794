#define _GNU_SOURCE
#include "lib/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fd.h"

extern char **environ;

/* A property of the process, like the filter that makes it necessary: see the header. */
static const struct spawn_broker *broker;

void
spawn_through(const struct spawn_broker *through)
{
	broker = through;
}

void
spawn_give(struct spawn *s, int to, int from)
{
	if (s->fd_count == SPAWN_FDS)
		return;
	s->fds[s->fd_count].to = to;
	s->fds[s->fd_count].from = from;
	s->fd_count++;
}

/* The first descriptor above all targets.  No higher: `softlimit -o` may allow very few. */
static int
above_targets(const struct spawn *s)
{
	int above = STDERR_FILENO + 1;
	size_t i;

	for (i = 0; i < s->fd_count; i++)
		if (s->fds[i].to >= above)
			above = s->fds[i].to + 1;
	return above;
}

static int
copy_above(int from, int above)
{
	int null, copy;

	if (from >= 0)
		return fcntl(from, F_DUPFD_CLOEXEC, above);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return -1;
	copy = fcntl(null, F_DUPFD_CLOEXEC, above);
	fd_close(&null);
	return copy;
}

/* Would an earlier row, or this one itself, leave nothing of row `i` to be copied from? */
static bool
needs_lift(const struct spawn *s, size_t i)
{
	size_t j;

	if (s->fds[i].from < 0)
		return s->fds[i].from == SPAWN_NULL;
	for (j = 0; j <= i; j++)
		if (s->fds[j].to == s->fds[i].from)
			return true;
	return false;
}

/* Copies of what the child is given, where no target can overwrite a source that is still needed;
 * the caller closes them.  -1 where none is needed. */
static int
lift(const struct spawn *s, int lifted[SPAWN_FDS])
{
	int above = above_targets(s);
	size_t i;

	for (i = 0; i < s->fd_count; i++) {
		lifted[i] = -1;
		if (!needs_lift(s, i))
			continue;
		lifted[i] = copy_above(s->fds[i].from, above);
		if (lifted[i] < 0) {
			int saved = errno;

			while (i > 0)
				fd_close(&lifted[--i]);
			return errno = saved, -1;
		}
	}
	return 0;
}

static int
describe_fds(const struct spawn *s, const int lifted[SPAWN_FDS],
    posix_spawn_file_actions_t *actions)
{
	int error = 0;
	size_t i;

	for (i = 0; i < s->fd_count && !error; i++) {
		int from = lifted[i] >= 0 ? lifted[i] : s->fds[i].from;

		error = from < 0
		    ? posix_spawn_file_actions_addclose(actions, s->fds[i].to)
		    : posix_spawn_file_actions_adddup2(actions, from, s->fds[i].to);
	}
	return error;
}

static int
describe(const struct spawn *s, const int lifted[SPAWN_FDS],
    posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes)
{
	sigset_t none, defaults;
	int error = describe_fds(s, lifted, actions);

	if (!error && s->dir)
		error = posix_spawn_file_actions_addchdir_np(actions, s->dir);
	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGXFSZ);
	if (!s->keep_sigpipe_ignored)
		sigaddset(&defaults, SIGPIPE);
	if (!error)
		error = posix_spawnattr_setsigmask(attributes, &none);
	if (!error)
		error = posix_spawnattr_setsigdefault(attributes, &defaults);
	if (!error)
		error = posix_spawnattr_setflags(
		    attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return error;
}

pid_t
spawn_start(const struct spawn *s)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int lifted[SPAWN_FDS], error;
	pid_t pid = -1;
	size_t i;

	if (broker)
		return broker->start(broker->context, s);
	if (lift(s, lifted) < 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	error = describe(s, lifted, &actions, &attributes);
	if (!error)
		error = (s->search ? posix_spawnp : posix_spawn)(&pid, s->path, &actions,
		    &attributes, s->argv, s->env ? s->env : environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	for (i = 0; i < s->fd_count; i++)
		fd_close(&lifted[i]);
	if (error) {
		errno = error;
		return -1;
	}
	return pid;
}

bool
spawn_is_shortage(int error)
{
	return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
}

int
spawn_watch(pid_t pid)
{
	if (broker)
		return broker->watch(broker->context, pid);
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

int
spawn_kill(pid_t pid, int signal_number)
{
	if (broker)
		return broker->kill(broker->context, pid, signal_number);
	return kill(pid, signal_number);
}

/* Wait until the child ended, without reaping it. */
static int
wait_under_deadline(pid_t pid, struct deadline deadline)
{
	struct pollfd one = { -1, POLLIN, 0 };
	int ready;

	one.fd = spawn_watch(pid);
	if (one.fd < 0)
		return 0; /* no such call: wait without a limit */
	do
		ready = poll(&one, 1, deadline_left_ms(deadline));
	while (ready < 0 && errno == EINTR);
	close(one.fd);
	if (ready == 0)
		errno = ETIMEDOUT;
	return ready == 1 ? 0 : -1;
}

/* The child's pid; 0 if it has not ended and `flags` say not to wait for that; or -1. */
static pid_t
reap(pid_t pid, int flags, int *status)
{
	pid_t got;

	do
		got = waitpid(pid, status, flags);
	while (got < 0 && errno == EINTR);
	return got;
}

int
spawn_wait(pid_t pid, struct deadline deadline, int *status)
{
	if (broker)
		return broker->wait(broker->context, pid, deadline, status);
	if (deadline.at_ms >= 0) {
		/* To ask costs less than to watch it, and many have ended already. */
		pid_t got = reap(pid, WNOHANG, status);

		if (got != 0)
			return got < 0 ? -1 : 0;
		if (wait_under_deadline(pid, deadline) < 0)
			return -1;
	}
	return reap(pid, 0, status) < 0 ? -1 : 0;
}
