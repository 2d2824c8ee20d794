#define _GNU_SOURCE
#include "state/place.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/fd.h"
#include "os/os.h"

enum { MARK_MODE = 0660, EXIT_CRASHED = 111 };

int
place_lock(bool exclusive)
{
	int fd = open(PLACE_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result;

	if (fd < 0)
		return -1;
	do
		result = flock(fd, exclusive ? LOCK_EX : LOCK_SH);
	while (result < 0 && errno == EINTR);
	if (result < 0)
		fd_close(&fd);
	return fd;
}

struct stat
place_identity(void)
{
	struct stat st;

	if (stat(PLACE_DATA, &st) < 0)
		st = (struct stat) { 0 };
	return st;
}

bool
place_is_same(const struct stat *identity)
{
	struct stat now = place_identity();

	return now.st_ino == identity->st_ino && now.st_dev == identity->st_dev;
}

size_t
place_size(void)
{
	return (size_t)place_identity().st_size;
}

bool
place_is_marked(void)
{
	return access(PLACE_MARK, F_OK) == 0;
}

void
place_mark(void)
{
	int fd = open(PLACE_MARK, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, MARK_MODE);

	if (fd >= 0)
		close(fd);
}

static int
gone(int result)
{
	return result < 0 && errno == ENOENT ? 0 : result;
}

/* The mark is there first and goes last: whoever is killed in between leaves it to the next. */
int
place_set_aside(void)
{
	place_mark();
	if (gone(rename(PLACE_DATA, PLACE_ASIDE)) < 0 || gone(unlink(PLACE_LOCK)) < 0)
		return -1;
	return gone(unlink(PLACE_MARK));
}

/* Only calls that a signal handler may make. */
static _Noreturn void
crashed(int sig)
{
	(void)sig;
	place_mark();
	os_exit_saying(
	    2, "qmail-state: crashed; the store will be set aside\n", EXIT_CRASHED);
}

void
place_mark_on_crash(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
	struct sigaction action = { .sa_handler = crashed,
		.sa_flags = (int)SA_RESETHAND };
	size_t i;

	sigemptyset(&action.sa_mask);
	for (i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &action, NULL);
}
