#include "send/records.h"

#include <string.h>

#include "lib/fd.h"

void
records_init(struct records *r, int fd)
{
	r->fd = fd;
	r->start = r->end = 0;
	r->offset = r->next = 0;
}

enum records_status
records_next(struct records *r, struct view *record)
{
	for (;;) {
		struct view held = { r->buffer + r->start, r->end - r->start };
		size_t len = view_index(held, '\0');
		ssize_t got;

		if (len < held.len) {
			*record = view_first(held, len);
			r->start += len + 1;
			r->offset = r->next;
			r->next += len + 1;
			return RECORDS_OK;
		}
		if (held.len == sizeof r->buffer)
			return RECORDS_TOO_LONG;
		memmove(r->buffer, held.at, held.len);
		r->start = 0;
		r->end = held.len;
		got = fd_read(r->fd, r->buffer + r->end, sizeof r->buffer - r->end);
		if (got <= 0)
			return got < 0 ? RECORDS_ERROR : RECORDS_END;
		r->end += (size_t)got;
	}
}
