#define _GNU_SOURCE
#include "os/os.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void
os_random(void *out, size_t len)
{
	unsigned char *at = out;

	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		at += got;
		len -= (size_t)got;
	}
}

void
os_wipe(void *mem, size_t len)
{
	/* The barrier tells the compiler that somebody reads the zeros. */
	memset(mem, 0, len);
	__asm__ __volatile__("" : : "r"(mem) : "memory");
}

void
os_close_from(int first)
{
	struct rlimit limit;
	int fd, end;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0)
		return;
#endif
	end = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536
	    ? (int)limit.rlim_cur
	    : 65536;
	for (fd = first; fd < end; fd++)
		close(fd);
}

bool
os_is_privileged(void)
{
	return getauxval(AT_SECURE) != 0;
}

static int64_t
clock_ms(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now) < 0)
		return -1;
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
os_monotonic_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

int64_t
os_boottime_ms(void)
{
	int64_t ms = clock_ms(CLOCK_BOOTTIME);

	return ms >= 0 ? ms : clock_ms(CLOCK_MONOTONIC);
}

int64_t
os_realtime_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

int
os_peer_credentials(int fd, uid_t *uid, pid_t *pid)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -1;
	*uid = peer.uid;
	*pid = peer.pid;
	return 0;
}

int
os_peer_ids(int fd, uid_t *uid, gid_t *gid)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -1;
	*uid = peer.uid;
	*gid = peer.gid;
	return 0;
}

void
os_no_core(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
}

void
os_exit_saying(int fd, const char *text, int status)
{
	ssize_t ignored = write(fd, text, strlen(text));

	(void)ignored;
	_exit(status);
}
