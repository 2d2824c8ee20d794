#include "server/data.h"

#include "lib/fd.h"
#include "server/log.h"
#include "server/verdict.h"

enum {
	PROGRESS_OCTETS = 16384, /* at least so many, or the end, ... */
	PROGRESS_WAITS = 4,      /* ... in so many timeouts (D37) */
	DRAIN_MAX = 1 << 20,
};

/* --- reading the message -------------------------------------------------------------------------- */

/* A client must not keep a queue program busy for ever by an octet now and then. */
struct progress {
	uint64_t since; /* octets since the window was opened */
};

static void
open_window(struct session *s, struct progress *p)
{
	p->since = 0;
	if (!s->settings->strict)
		s->reader.deadline = deadline_sooner(
		    s->end, deadline_in_ms(PROGRESS_WAITS * s->reader.timeout_ms));
}

/* Everything up to the end of the message goes on its way.  False, and the session is over, when
 * there is no end. */
static bool
read_message(struct session *s)
{
	struct dotstream *d = &s->message.text;
	struct progress progress;

	open_window(s, &progress);
	while (!dotstream_is_over(d)) {
		enum reader_status status = reader_fill(&s->reader);
		size_t used, made;

		if (status != READER_OK) {
			session_lost(s, status);
			break;
		}
		used = dotstream_push(
		    d, reader_buffered(&s->reader), s->buffers->message, &made);
		reader_skip(&s->reader, used);
		message_put(s, made);
		progress.since += used;
		if (progress.since >= PROGRESS_OCTETS)
			open_window(s, &progress);
	}
	s->reader.deadline = s->end;
	if (d->state == DOTS_STRAY_LF) {
		session_reply(s, REPLY_BARE_LF_CLOSE);
		session_close(s, "bare-lf");
	}
	return d->state == DOTS_END;
}

/* After a message with bare LFs, what came behind its end may be a message smuggled into it: none
 * of what the client sent before it saw our reply is a command (D18).  Who has sent very much is
 * not heard again. */
static void
drop_what_followed(struct session *s)
{
	size_t dropped = reader_discard(&s->reader);

	while (dropped < DRAIN_MAX &&
	    fd_wait_readable(s->reader.fd, deadline_in_ms(0)) == 0 &&
	    reader_fill(&s->reader) == READER_OK)
		dropped += reader_discard(&s->reader);
	if (dropped)
		server_log_dropped(s, "input behind a message with bare LF", dropped);
	if (dropped >= DRAIN_MAX)
		session_close(s, "bare-lf");
}

/* --- DATA --------------------------------------------------------------------------------------------- */

/* What came behind the end before the reply to it is dropped where it may be smuggled in. */
static void
conclude(struct session *s)
{
	bool is_suspect = s->message.text.saw_bare_lf;
	struct message_outcome outcome;

	message_end(s, &outcome);
	if (is_suspect)
		drop_what_followed(s);
	verdict_tell(s, &outcome);
}

void
data_take(struct session *s, struct view argument)
{
	(void)argument;
	if (message_begin(s)) {
		session_sigterm_kills(s, true);
		session_reply(s, REPLY_GO_AHEAD);
		if (read_message(s))
			conclude(s);
		session_sigterm_kills(s, false);
	}
	message_reset(s);
}
