#include "lib/writer.h"

#include <errno.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/fmt.h"

void
writer_init(struct writer *w, int fd, char *buffer, size_t size, int64_t timeout_ms)
{
	*w = (struct writer) {
		.fd = fd, .timeout_ms = timeout_ms, .buffer = buffer, .size = size
	};
}

static struct deadline
next_deadline(const struct writer *w)
{
	return w->timeout_ms < 0 ? deadline_never() : deadline_in_ms(w->timeout_ms);
}

static void
send_out(struct writer *w, struct view bytes)
{
	while (bytes.len > 0 && !w->error) {
		ssize_t put;

		if (fd_wait_writable(w->fd, next_deadline(w)) < 0) {
			w->error = errno;
			return;
		}
		put = fd_write(w->fd, bytes.at, bytes.len);
		if (put < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
			w->error = errno;
			return;
		}
		if (put > 0) {
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
