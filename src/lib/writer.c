#include "lib/writer.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/fd.h"
#include "lib/fmt.h"

void
writer_init(struct writer *w, int fd, char *buffer, size_t size, int64_t timeout_ms)
{
	*w = (struct writer) { .fd = fd,
		.timeout_ms = timeout_ms,
		.deadline = deadline_never(),
		.wake_fd = -1,
		.buffer = buffer,
		.size = size };
}

static int
wait_for_room(const struct writer *w)
{
	struct deadline deadline =
	    w->timeout_ms < 0 ? deadline_never() : deadline_in_ms(w->timeout_ms);

	return fd_wait_writable_or(
	    w->fd, w->wake_fd, deadline_sooner(deadline, w->deadline));
}

static ssize_t
send_now(int fd, struct view bytes)
{
	ssize_t put;

	do
		put = send(fd, bytes.at, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	return put;
}

/* One write.  Under a timeout it must not block: a descriptor that has room may still have less
 * than we want to write.  A socket can be told so; a pipe with room takes PIPE_BUF octets. */
static ssize_t
write_some(struct writer *w, struct view bytes)
{
	ssize_t put;

	if (w->timeout_ms < 0)
		return fd_write(w->fd, bytes.at, bytes.len);
	if (!w->is_no_socket) {
		put = send_now(w->fd, bytes);
		if (put >= 0 || errno != ENOTSOCK)
			return put;
		w->is_no_socket = true;
	}
	if (wait_for_room(w) < 0)
		return -1;
	return fd_write(w->fd, bytes.at, view_first(bytes, PIPE_BUF).len);
}

static void
send_out(struct writer *w, struct view bytes)
{
	while (bytes.len > 0 && !w->error) {
		ssize_t put = write_some(w, bytes);

		if (put < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
			w->error = errno;
		} else if (put < 0) {
			if (wait_for_room(w) < 0)
				w->error = errno;
		} else {
			bytes = view_from(bytes, (size_t)put);
			w->written += (uint64_t)put;
		}
	}
}

int
writer_flush(struct writer *w)
{
	send_out(w, (struct view) { w->buffer, w->used });
	w->used = 0;
	if (!w->error)
		return 0;
	errno = w->error;
	return -1;
}

void
writer_put(struct writer *w, struct view bytes)
{
	if (w->error || bytes.len == 0)
		return;
	if (bytes.len > w->size - w->used)
		writer_flush(w);
	if (bytes.len >= w->size) {
		send_out(w, bytes);
		return;
	}
	memcpy(w->buffer + w->used, bytes.at, bytes.len);
	w->used += bytes.len;
}

void
writer_text(struct writer *w, const char *text)
{
	writer_put(w, view_of(text));
}

void
writer_byte(struct writer *w, char c)
{
	writer_put(w, (struct view) { &c, 1 });
}

void
writer_u64(struct writer *w, uint64_t n)
{
	char buffer[FMT_U64_MAX];

	writer_put(w, fmt_u64_into(buffer, n));
}
