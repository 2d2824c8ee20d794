#include "client/session.h"

#include <errno.h>

#include "lib/fd.h"
#include "smtp/crowding.h"

enum { SERVICE_NOT_AVAILABLE = 421 };

static void
attach(struct session *s, int fd)
{
	s->fd = fd;
	writer_init(&s->out, fd, s->out_buffer, sizeof s->out_buffer, s->timeout_ms);
	reader_init(
	    &s->in, fd, s->in_buffer, sizeof s->in_buffer, s->timeout_ms, &s->out);
	s->in.deadline = s->end;
}

void
session_init(struct session *s)
{
	*s = (struct session) { .fd = -1, .over = true };
}

static void
bound(struct session *s, int64_t timeout_ms, struct deadline end,
    const struct limits *limits)
{
	s->timeout_ms = timeout_ms;
	s->end = end;
	s->reply.max_lines = limits->reply_lines;
	s->reply.max_octets = limits->reply_octets;
}

void
session_open(struct session *s, int fd, int64_t timeout_ms, struct deadline end,
    const struct limits *limits)
{
	session_free(s);
	s->tls = s->over = s->dropped = false;
	bound(s, timeout_ms, end, limits);
	attach(s, fd);
}

void
session_continue(struct session *s, int64_t timeout_ms, struct deadline end,
    const struct limits *limits)
{
	bound(s, timeout_ms, end, limits);
	s->in.timeout_ms = timeout_ms;
	s->in.deadline = end;
}

void
session_switch(struct session *s, int fd)
{
	fd_close(&s->fd);
	capabilities_clear(&s->offers);
	attach(s, fd);
}

/* No write may outlast the delivery: the writer itself knows only the wait for one write. */
static void
bound_writes(struct session *s)
{
	int left = deadline_left_ms(s->end);

	s->out.timeout_ms = left >= 0 && left < s->timeout_ms ? left : s->timeout_ms;
}

void
session_command(struct session *s, const char *verb, struct view argument)
{
	bound_writes(s);
	writer_text(&s->out, verb);
	writer_put(&s->out, argument);
	writer_text(&s->out, "\r\n");
	watch_sent(s->watch, verb, argument);
}

bool
session_put(struct session *s, struct view octets)
{
	bound_writes(s);
	writer_put(&s->out, octets);
	if (s->out.error)
		s->over = true;
	return !s->over;
}

/* Nothing more can be expected; half a reply is none. */
static bool
died(struct session *s, enum reader_status why)
{
	s->dropped =
	    why == READER_EOF || why == READER_ERROR || why == READER_WRITE_ERROR;
	s->over = true;
	remotereply_start(&s->reply);
	return false;
}

bool
session_fill(struct session *s)
{
	enum reader_status got;

	if (s->over)
		return false;
	bound_writes(s);
	got = reader_fill(&s->in);
	return got == READER_OK || died(s, got);
}

bool
session_hear(struct session *s)
{
	enum remotereply_status status;
	size_t used;

	remotereply_start(&s->reply);
	do {
		if (!session_fill(s))
			return false;
		status = remotereply_add(&s->reply, reader_buffered(&s->in), &used);
		reader_skip(&s->in, used);
	} while (status == REMOTEREPLY_MORE);
	if (status == REMOTEREPLY_MALFORMED)
		return died(s, READER_TOO_LONG);
	s->over = s->reply.code == SERVICE_NOT_AVAILABLE;
	s->crowded = s->crowded || crowding_is_meant(&s->reply);
	if (s->heard)
		s->heard(s->heard_context, &s->reply);
	watch_heard(s->watch, &s->reply);
	return true;
}

bool
session_ask(struct session *s, const char *verb, struct view argument)
{
	session_command(s, verb, argument);
	return session_hear(s);
}

bool
session_has_unread(const struct session *s)
{
	return reader_buffered(&s->in).len > 0;
}

enum answer
session_has_spoken(const struct session *s)
{
	if (s->fd < 0 || s->over)
		return ANSWER_ERROR;
	if (session_has_unread(s) || fd_wait_readable(s->fd, deadline_in_ms(0)) == 0)
		return ANSWER_YES;
	return errno == ETIMEDOUT ? ANSWER_NO : ANSWER_ERROR;
}

bool
session_is_quiet(const struct session *s)
{
	return session_has_spoken(s) == ANSWER_NO;
}

void
session_quit(struct session *s)
{
	if (s->fd >= 0 && !s->over) {
		s->out.timeout_ms =
		    0; /* if it does not fit in the socket's buffer, so be it */
		writer_text(&s->out, "QUIT\r\n");
		writer_flush(&s->out);
		watch_sent(s->watch, "QUIT", VIEW(""));
	}
	session_drop(s);
}

void
session_drop(struct session *s)
{
	fd_close(&s->fd);
	s->over = true;
}

void
session_free(struct session *s)
{
	session_drop(s);
	remotereply_free(&s->reply);
	capabilities_clear(&s->offers);
}
