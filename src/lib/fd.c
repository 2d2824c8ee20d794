#define _GNU_SOURCE
#include "lib/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/os.h"

enum { READ_LEAST = 4096 };

ssize_t
fd_read(int fd, void *buffer, size_t len)
{
	ssize_t got;

	do
		got = read(fd, buffer, len);
	while (got < 0 && errno == EINTR);
	return got;
}

ssize_t
fd_write(int fd, const void *buffer, size_t len)
{
	ssize_t put;

	do
		put = write(fd, buffer, len);
	while (put < 0 && errno == EINTR);
	return put;
}

int
fd_write_all(int fd, struct view bytes)
{
	while (bytes.len > 0) {
		ssize_t put = fd_write(fd, bytes.at, bytes.len);

		if (put < 0)
			return -1;
		bytes = view_from(bytes, (size_t)put);
	}
	return 0;
}

int
fd_read_all(int fd, struct str *out, size_t max)
{
	size_t start = out->len;

	for (;;) {
		ssize_t got;

		str_reserve(out, READ_LEAST);
		got = fd_read(fd, out->at + out->len, out->size - out->len - 1);
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		out->len += (size_t)got;
		out->at[out->len] = '\0';
		if (out->len - start > max) {
			errno = EFBIG;
			return -1;
		}
	}
	return 0;
}

/* Room for all of a file, and for finding its end. */
static void
reserve_file(int fd, struct str *out, size_t max)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uintmax_t)st.st_size <= max)
		str_reserve(out, (size_t)st.st_size + READ_LEAST);
}

/* Most files are a few octets: by way of the stack they cost no fresh memory. */
int
fd_read_whole(int fd, struct str *out, size_t max)
{
	char octets[READ_LEAST];
	size_t have = 0;
	ssize_t got;

	do {
		got = fd_read(fd, octets + have, sizeof octets - have);
		have += got > 0 ? (size_t)got : 0;
	} while (got > 0 && have < sizeof octets);
	if (got > 0)
		reserve_file(fd, out, max);
	str_append(out, (struct view) { octets, have });
	os_wipe(octets, have); /* it may be secret */
	if (have > max)
		errno = EFBIG;
	if (got < 0 || have > max)
		return -1;
	return got == 0 ? 0 : fd_read_all(fd, out, max - have);
}

int
fd_open_file(const char *path)
{
	/* musl's open(2) sets O_CLOEXEC a second time, by another call. */
	return openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

int
fd_read_file(const char *path, struct str *out, size_t max)
{
	int result, fd = fd_open_file(path);

	if (fd < 0)
		return -1;
	result = fd_read_whole(fd, out, max);
	fd_close(&fd);
	return result;
}

/* 0: `fd` is ready; or -1 with errno.  Which of both were is in `both`. */
static int
wait_for(struct pollfd both[2], struct deadline deadline)
{
	for (;;) {
		int ready = poll(both, 2, deadline_left_ms(deadline));

		if (ready > 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return -1;
		if (deadline_passed(deadline)) {
			errno = ETIMEDOUT;
			return -1;
		}
	}
}

int
fd_wait_readable_or(int fd, int wake, struct deadline deadline)
{
	struct pollfd both[2] = { { fd, POLLIN, 0 }, { wake, POLLIN, 0 } };

	if (wait_for(both, deadline) < 0)
		return -1;
	if (both[1].revents)
		errno = ECANCELED;
	return both[1].revents ? -1 : 0;
}

int
fd_wait_writable_or(int fd, int wake, struct deadline deadline)
{
	struct pollfd both[2] = { { fd, POLLOUT, 0 }, { wake, POLLIN, 0 } };

	if (wait_for(both, deadline) < 0)
		return -1;
	if (!both[0].revents)
		errno = ECANCELED;
	return both[0].revents ? 0 : -1;
}

int
fd_wait_readable(int fd, struct deadline deadline)
{
	return fd_wait_readable_or(fd, -1, deadline);
}

int
fd_wait_writable(int fd, struct deadline deadline)
{
	return fd_wait_writable_or(fd, -1, deadline);
}

int
fd_pipe(int ends[2])
{
	return pipe2(ends, O_CLOEXEC);
}

int
fd_set_blocking(int fd, int blocking)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -1;
	flags = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags) < 0 ? -1 : 0;
}

int
fd_set_cloexec(int fd)
{
	return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -1 : 0;
}

void
fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

void
fd_close_passed(int *fd)
{
	struct linger none = { 0, 0 };
	int saved = errno;

	if (*fd >= 0)
		setsockopt(*fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	errno = saved;
	fd_close(fd);
}

int
fd_move(int to, int from)
{
	if (to == from)
		return 0;
	if (dup2(from, to) < 0)
		return -1;
	close(from);
	return 0;
}

int
fd_fill_standard(void)
{
	struct pollfd standard[3] = { { 0, 0, 0 }, { 1, 0, 0 }, { 2, 0, 0 } };
	int i;

	if (poll(standard, 3, 0) < 0)
		return -1;
	/* From the lowest up: open(2) takes just the one that is closed. */
	for (i = 0; i < 3; i++)
		if ((standard[i].revents & POLLNVAL) && open("/dev/null", O_RDWR) < 0)
			return -1;
	return 0;
}
