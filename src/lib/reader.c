#include "lib/reader.h"

#include <errno.h>

#include "lib/fd.h"
#include "os/os.h"

void
reader_init(struct reader *r, int fd, char *buffer, size_t size, int64_t timeout_ms,
    struct writer *flush_first)
{
	*r = (struct reader) { .fd = fd,
		.timeout_ms = timeout_ms,
		.deadline = deadline_never(),
		.wake_fd = -1,
		.flush_first = flush_first,
		.buffer = buffer,
		.size = size };
}

struct view
reader_buffered(const struct reader *r)
{
	return (struct view) { r->buffer + r->start, r->end - r->start };
}

void
reader_skip(struct reader *r, size_t n)
{
	r->start += n < r->end - r->start ? n : r->end - r->start;
}

static enum reader_status
wait_for_input(struct reader *r)
{
	struct deadline deadline =
	    r->timeout_ms < 0 ? deadline_never() : deadline_in_ms(r->timeout_ms);

	if (fd_wait_readable_or(
		r->fd, r->wake_fd, deadline_sooner(deadline, r->deadline)) == 0)
		return READER_OK;
	return errno == ETIMEDOUT ? READER_TIMEOUT
	    : errno == ECANCELED  ? READER_WOKEN
				  : READER_ERROR;
}

enum reader_status
reader_fill(struct reader *r)
{
	enum reader_status status;
	ssize_t got;

	if (r->start < r->end)
		return READER_OK;
	if (r->flush_first && writer_flush(r->flush_first) < 0)
		return READER_WRITE_ERROR;
	do {
		status = wait_for_input(r);
		if (status != READER_OK)
			return status;
		got = fd_read(r->fd, r->buffer, r->size);
	} while (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
	if (got < 0)
		return READER_ERROR;
	if (got == 0)
		return READER_EOF;
	r->start = 0;
	r->end = (size_t)got;
	if (r->high < r->end)
		r->high = r->end;
	return READER_OK;
}

enum reader_status
reader_line(struct reader *r, struct str *line, size_t max)
{
	enum reader_status too_long = READER_OK;

	for (;;) {
		enum reader_status status = reader_fill(r);
		struct view have;
		size_t i, take, room;

		if (status != READER_OK)
			return status;
		have = reader_buffered(r);
		i = view_index(have, '\n');
		take = i < have.len ? i + 1 : have.len;
		room = line->len < max ? max - line->len : 0;
		if (take > room)
			too_long = READER_TOO_LONG;
		str_append(line, view_first(have, take < room ? take : room));
		reader_skip(r, take);
		if (i < have.len)
			return too_long;
	}
}

size_t
reader_discard(struct reader *r)
{
	size_t n = r->end - r->start;

	r->start = r->end = 0;
	return n;
}

void
reader_wipe(struct reader *r)
{
	os_wipe(r->buffer, r->start);
	if (r->high > r->end)
		os_wipe(r->buffer + r->end, r->high - r->end);
	r->high = r->end;
}
