#include "server/data.h"

#include "lib/fd.h"
#include "server/log.h"
#include "server/progress.h"
#include "server/sessionreply.h"
#include "server/verdict.h"

enum { DRAIN_MAX = 1 << 20 };

/* --- reading the message -------------------------------------------------------------------------- */

/* Everything up to the end of the message goes on its way.  False, and the session is over, when
 * there is no end. */
static bool
read_message(struct session *s)
{
	struct dotstream *d = &s->message.text;
	struct progress progress;

	progress_start(s, &progress);
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
		message_put(s, (struct view) { s->buffers->message, made });
		progress_note(s, &progress, used);
	}
	progress_end(s);
	if (d->state == DOTS_STRAY_LF)
		message_break_off(s);
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
	if (!spp_accepts_data(s)) /* the client may try again */
		return;
	if (message_begin(s, false)) {
		session_sigterm_kills(s, true);
		session_reply(s, REPLY_GO_AHEAD);
		if (read_message(s))
			conclude(s);
		session_sigterm_kills(s, false);
	}
	message_reset(s);
}
