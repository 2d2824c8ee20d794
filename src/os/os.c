#define _GNU_SOURCE
#include "os/os.h"

#include <errno.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
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
os_tidy_heap(void)
{
#ifdef __GLIBC__
	/* What was freed is joined, and then sorted by who looks for a piece larger than all. */
	enum { LARGE = 120 * 1024 };
	void *volatile piece;

	malloc_trim(0);
	piece = malloc(LARGE);
	free(piece);
#endif
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
in_ms(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000;
}

int64_t
os_monotonic_ms(void)
{
	struct timespec now;

	return clock_gettime(CLOCK_MONOTONIC, &now) < 0 ? -1 : in_ms(&now);
}

/* By a plain system call: whoever asks these clocks asks once or twice, and to find the vDSO, touch
 * its pages and its symbols costs a new process more than that. */
static int64_t
clock_ms(clockid_t clock)
{
	struct timespec now;
#if defined(SYS_clock_gettime) && INTPTR_MAX == INT64_MAX
	bool failed = syscall(SYS_clock_gettime, clock, &now) < 0;
#else
	bool failed = clock_gettime(clock, &now) < 0;
#endif

	return failed ? -1 : in_ms(&now);
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

void *
os_pages(size_t len)
{
	void *mem =
	    mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mem == MAP_FAILED ? NULL : mem;
}

void
os_pages_free(void *mem, size_t len)
{
	munmap(mem, len);
}

static int
peer_of(int fd, struct ucred *peer)
{
	socklen_t len = sizeof *peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &len);
}

int
os_peer_credentials(int fd, uid_t *uid, pid_t *pid)
{
	struct ucred peer;

	if (peer_of(fd, &peer) < 0)
		return -1;
	*uid = peer.uid;
	*pid = peer.pid;
	return 0;
}

int
os_peer_ids(int fd, uid_t *uid, gid_t *gid)
{
	struct ucred peer;

	if (peer_of(fd, &peer) < 0)
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
os_keep_secrets(void)
{
#ifdef PR_SET_DUMPABLE
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
		return;
#endif
	os_no_core();
}

void
os_exit_saying(int fd, const char *text, int status)
{
	ssize_t ignored = write(fd, text, strlen(text));

	(void)ignored;
	_exit(status);
}
