#include "server/data.h"

#include <time.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "queue/submit.h"
#include "server/log.h"
#include "smtp/received.h"

enum {
	HOPS_MAX = 100,
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

static bool
is_too_large(const struct session *s, const struct dotstream *d)
{
	return s->settings->databytes && d->octets > s->settings->databytes;
}

/* Everything up to the end of the message goes to the queue program.  False, and the session is
 * over, when there is no end. */
static bool
read_message(struct session *s, struct dotstream *d, struct submit *queue)
{
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
		if (is_too_large(s, d))
			submit_fail(queue);
		spf_put(s, queue, (struct view) { s->buffers->message, made });
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

/* --- what is added ---------------------------------------------------------------------------------- */

static void
put_received(struct session *s, struct submit *queue)
{
	/* RFC 3848, but for clear text without AUTH: that is SMTP, as in qmail */
	static const char *const protocols[2][2] = { { "SMTP", "ESMTPA" },
		{ "ESMTPS", "ESMTPSA" } };
	const struct peer *peer = s->peer;
	struct str text = { 0 };

	received_format(&text,
	    &(struct received) {
		.host = peer->host,
		.ip = peer->ip,
		.helo = str_view(&s->helo),
		.info = s->auth.done ? str_view(&s->auth.user) : peer->info,
		.has_info = s->auth.done || peer->has_info,
		.by = peer->local,
		.protocol = protocols[s->tls.active][s->auth.done],
		.tls = str_view(&s->tls.facts.protocol),
		.cipher = str_view(&s->tls.facts.cipher),
		.now = (int64_t)time(NULL),
	    });
	submit_put(queue, str_view(&text));
	str_free(&text);
}

static void
put_envelope(const struct transaction *t, struct submit *queue)
{
	const struct recipient *r;

	submit_sender(queue, t->sender.whole);
	for (r = t->first; r; r = r->next)
		submit_recipient(queue, r->address);
}

/* --- the verdict ------------------------------------------------------------------------------------ */

/* Exit codes that mean something else in a dialect than in the table of queue/submit.h. */
static const struct {
	enum dialect dialect;
	int exit_code;
	unsigned code;
	const char *status, *text;
} dialect_exits[] = {
	{ DIALECT_SAGREDO, 32, 554, "5.3.5", "Private key file does not exist" },
	{ DIALECT_SAGREDO, 58, 451, "4.3.0", "qq trouble creating child" },
	{ DIALECT_SAGREDO, 59, 451, "4.3.0", "qq trouble creating pipes" },
	{ DIALECT_SAGREDO, 70, 451, "4.3.0", "qq trouble creating pipes" },
};

static bool
is_content_exit(const struct session *s, int exit_code)
{
	return s->settings->dialect == DIALECT_SQMAIL && exit_code >= 32 &&
	    exit_code <= 34;
}

/* `first` and `second` as one text, which lives as long as the command. */
static struct view
joined(struct session *s, const char *first, struct view second)
{
	struct str text = { 0 };
	struct view copy;

	str_append_text(&text, first);
	str_append(&text, second);
	copy = arena_copy(&s->scratch, str_view(&text));
	str_free(&text);
	return copy;
}

static struct reply
reply_of_queue(struct session *s, const struct submit_verdict *verdict)
{
	struct reply reply = { verdict->class == SUBMIT_PERMANENT ? 554 : 451,
		str_view(&verdict->text), VIEW("") };
	size_t i;

	if (verdict->letter == 'I' && s->settings->dialect == DIALECT_JMS1)
		return (struct reply) { 250, joined(s, "ok ", reply.text), VIEW("") };
	if (is_content_exit(s, verdict->exit_code))
		return (struct reply) { 554,
			joined(s, "sorry, invalid message content ",
			    view_of(env_value("REPLY_CONTENT"))),
			VIEW("5.3.2") };
	for (i = 0; i < sizeof dialect_exits / sizeof *dialect_exits; i++)
		if (dialect_exits[i].dialect == s->settings->dialect &&
		    dialect_exits[i].exit_code == verdict->exit_code)
			reply_set(&reply, dialect_exits[i].code, dialect_exits[i].status,
			    dialect_exits[i].text);
	return reply;
}

/* What the message itself is refused for, in this order (inbound 2.3). */
static bool
find_fault(const struct session *s, const struct dotstream *d, enum reply_name *reply,
    const char **check)
{
	if (d->hops >= HOPS_MAX) {
		*reply = REPLY_TOO_MANY_HOPS;
		*check = "hops";
	} else if (is_too_large(s, d)) {
		*reply = REPLY_TOO_LARGE;
		*check = "databytes";
	} else if (d->saw_bare_lf && d->bare_lf == BARE_LF_REJECT) {
		*reply = REPLY_BARE_LF;
		*check = "barelf";
	} else if (d->saw_bare_cr && d->bare_cr == BARE_CR_REJECT) {
		*reply = REPLY_BARE_CR;
		*check = "barecr";
	} else {
		return false;
	}
	return true;
}

static void
accept_message(struct session *s, const struct submit *queue)
{
	struct str text = { 0 };

	str_append_text(&text, "ok ");
	fmt_u64(&text, (uint64_t)time(NULL));
	str_append_text(&text, " qp ");
	fmt_u64(&text, (uint64_t)queue->pid);
	session_reply_with(s, &(struct reply) { 250, str_view(&text), VIEW("") });
	str_free(&text);
	server_log_accept(s, queue->pid, queue->octets);
}

static void
conclude(struct session *s, const struct dotstream *d, struct submit *queue)
{
	struct submit_verdict verdict;
	struct reply reply;
	enum reply_name fault;
	const char *check = "queue";
	bool is_faulty = find_fault(s, d, &fault, &check);

	if (is_faulty)
		submit_fail(queue);
	put_envelope(&s->transaction, queue);
	submit_close(queue, &verdict);
	if (d->saw_bare_lf)
		drop_what_followed(s);
	if (verdict.class == SUBMIT_OK) {
		accept_message(s, queue);
	} else {
		reply = is_faulty ? reply_named(fault) : reply_of_queue(s, &verdict);
		session_reply_with(s, &reply);
		server_log_message_refusal(s, &reply, check, queue->pid);
	}
	submit_verdict_free(&verdict);
}

/* --- DATA --------------------------------------------------------------------------------------------- */

static void
take_message(struct session *s, struct dotstream *d, struct submit *queue)
{
	session_reply(s, REPLY_GO_AHEAD);
	spf_begin_message(s, queue);
	put_received(s, queue);
	if (!read_message(s, d, queue)) {
		/* No end, no envelope, nothing queued.  The queue program is not waited for, as in
		 * qmail: a filter in front of it may take its time, and the session is over. */
		submit_fail(queue);
		return;
	}
	spf_end_message(s, queue);
	conclude(s, d, queue);
}

void
data_take(struct session *s, struct view argument)
{
	struct dotstream rules;
	struct problem problem;
	struct submit *queue = &s->buffers->queue;

	(void)argument;
	if (settings_read_data_rules(s->settings, &rules, &problem) == ANSWER_ERROR) {
		session_no_controls(s, &problem);
		return;
	}
	if (submit_open(queue, session_environment(s)) < 0) {
		struct reply reply = reply_named(REPLY_NO_QUEUE);

		session_reply_with(s, &reply);
		server_log_message_refusal(s, &reply, "queue", 0);
	} else {
		session_sigterm_kills(s, true);
		take_message(s, &rules, queue);
		session_sigterm_kills(s, false);
	}
	transaction_reset(&s->transaction);
}
