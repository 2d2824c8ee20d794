#include "client/content.h"

#include "client/message.h"
#include "config/control.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/mem.h"

enum {
	CLASS_OK = 2,
	CLASS_LATER = 4,
	BLOCK = 65536,   /* octets of one read */
	CHUNK = 1048576, /* octets after which a chunk ends */
};

enum answer
content_is_chunked(struct attempt *a)
{
	struct problem problem = { 0 };
	uint64_t wanted = 0;

	if (!a->session.offers.chunking)
		return ANSWER_NO;
	if (control_number("control/chunkingremote", &wanted, &problem) == ANSWER_ERROR) {
		report_controls(a->report, &problem);
		return ANSWER_ERROR;
	}
	return wanted > 0 ? ANSWER_YES : ANSWER_NO;
}

/* A reply that came before the end of the message cannot be the one to it: taken for that, it would
 * stand for a message that the server may refuse yet.  A refusal is believed.  True: reported. */
static bool
spoke_early(struct attempt *a)
{
	struct session *s = &a->session;
	enum answer spoken = session_has_spoken(s);

	if (spoken == ANSWER_NO)
		return false;
	if (spoken == ANSWER_YES && session_hear(s) &&
	    remotereply_class(&s->reply) >= CLASS_LATER)
		attempt_report_failure(a, "", " failed after I sent the message.");
	else
		attempt_report_death(a);
	session_drop(s);
	return true;
}

/* The server may have the message from here on, whatever we hear. */
static void
about_to_finish(struct attempt *a)
{
	if (a->before_dot)
		a->before_dot(a->context);
}

/* The reply to all of the message is expected. */
static void
take_last_reply(struct attempt *a)
{
	struct session *s = &a->session;

	if (!session_hear(s)) {
		attempt_report(a, REPORT_LATER,
		    " but connection died. Possible duplicate! (#4.4.2)", NULL);
	} else if (remotereply_class(&s->reply) != CLASS_OK) {
		attempt_report_failure(a, "", " failed after I sent the message.");
		a->ended = TRANSACTION_ABORTED;
	} else {
		report_peer(a->report, REPORT_SUCCESS, "", str_view(&a->peer),
		    " accepted message.", &s->reply);
		a->ended = TRANSACTION_CLEAN;
	}
}

/* Without the end of the message and without QUIT: nothing was sent. */
static void
leave(struct attempt *a, enum message_result why)
{
	if (why == MESSAGE_PARTIAL)
		report_message(a->report, REPORT_FAILURE,
		    "SMTP cannot transfer messages with partial final lines. (#5.6.2)");
	else if (why == MESSAGE_UNREADABLE)
		report_message(
		    a->report, REPORT_LATER, "Unable to read message. (#4.3.0)");
	else
		attempt_report_death(a);
	session_drop(&a->session);
}

/* control/partialremote: may the last line get the end that it lacks?  False: reported. */
static bool
may_complete(struct attempt *a)
{
	struct problem problem = { 0 };
	uint64_t allowed = 0;

	if (control_number("control/partialremote", &allowed, &problem) == ANSWER_ERROR) {
		report_controls(a->report, &problem);
		session_drop(&a->session);
		return false;
	}
	if (allowed == 0)
		leave(a, MESSAGE_PARTIAL);
	return allowed > 0;
}

void
content_send(struct attempt *a)
{
	struct session *s = &a->session;
	uint64_t octets;
	enum message_result result =
	    message_send(a->task->message, BODY_DATA, s, &octets);

	if (result != MESSAGE_DIED && message_is_cut(a->task->message, a->message_end))
		result = MESSAGE_UNREADABLE;
	if (result == MESSAGE_PARTIAL) {
		if (!may_complete(a))
			return;
		result = session_put(s, VIEW("\r\n")) ? MESSAGE_SENT : MESSAGE_DIED;
	}
	if (result != MESSAGE_SENT) {
		leave(a, result);
		return;
	}
	if (spoke_early(a))
		return;
	about_to_finish(a);
	session_command(s, ".", VIEW(""));
	take_last_reply(a);
}

/* A message on its way into chunks. */
struct chunker {
	struct attempt *a;
	struct bodywriter writer;
	struct str chunk;
	char *block;
};

static bool
put_chunk(struct chunker *c, const char *last)
{
	struct session *s = &c->a->session;
	struct str argument = { 0 };
	bool alive;

	fmt_u64(&argument, c->chunk.len);
	str_append_text(&argument, last);
	session_command(s, "BDAT ", str_view(&argument));
	alive = session_put(s, str_view(&c->chunk));
	str_clear(&c->chunk);
	str_free(&argument);
	return alive;
}

/* Read until the chunk is full, or the message at its end (*last). */
static bool
fill(struct chunker *c, bool *last)
{
	ssize_t got = 1;

	while (got > 0 && c->chunk.len < CHUNK) {
		got = fd_read(c->a->task->message, c->block, BLOCK);
		if (got > 0)
			bodywriter_add(&c->writer,
			    (struct view) { c->block, (size_t)got }, &c->chunk);
	}
	*last = got == 0;
	return got > 0 ||
	    (got == 0 && !message_is_cut(c->a->task->message, c->a->message_end));
}

/* All but the last one, each with its reply.  False: reported. */
static bool
send_full_chunks(struct chunker *c)
{
	struct attempt *a = c->a;
	struct session *s = &a->session;
	bool last;

	for (;;) {
		if (!fill(c, &last)) {
			leave(a, MESSAGE_UNREADABLE);
			return false;
		}
		if (last)
			return true;
		if (!put_chunk(c, "") || !session_hear(s)) {
			leave(a, MESSAGE_DIED);
			return false;
		}
		if (remotereply_class(&s->reply) != CLASS_OK) {
			attempt_report_failure(a, "", " failed on BDAT command.");
			a->ended = TRANSACTION_ABORTED;
			return false;
		}
	}
}

void
content_send_chunks(struct attempt *a)
{
	struct chunker c = { a, { .form = BODY_CHUNK }, { 0 }, mem_alloc(BLOCK) };
	bool whole = send_full_chunks(&c);

	if (whole && bodywriter_is_partial(&c.writer)) {
		whole = may_complete(a);
		str_append_text(&c.chunk, "\r\n");
	}
	if (whole && !spoke_early(a)) {
		about_to_finish(a);
		put_chunk(&c, " LAST");
		take_last_reply(a);
	}
	str_free(&c.chunk);
	mem_free(c.block);
}
