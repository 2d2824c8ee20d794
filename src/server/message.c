#include "server/message.h"

#include <time.h>

#include "server/blackhole.h"
#include "server/log.h"
#include "server/relaymailfrom.h"
#include "server/session.h"
#include "server/sessionreply.h"
#include "smtp/received.h"

/* In the order in which a message passes them; scanspam_stage keeps it until its end. */
static const struct message_stage *const stages[] = {
	&spf_stage,
	&spp_stage,
	&contentrules_stage,
	&scanvirus_stage,
	&scanspam_stage,
	&submission_stage,
};

enum { STAGES = sizeof stages / sizeof *stages };

_Static_assert(
    STAGES <= (int)MESSAGE_STAGES_MAX, "more stages than a session has room for");

/* --- stages ----------------------------------------------------------------------------------------- */

/* True; or false, and nothing was begun. */
static bool
begin_stages(struct session *s, struct problem *problem)
{
	struct session_message *m = &s->message;
	size_t i;

	for (i = 0; i < STAGES; i++) {
		enum answer answer =
		    stages[i]->begin ? stages[i]->begin(s, problem) : ANSWER_YES;

		m->passes[i] = answer == ANSWER_YES;
		if (answer == ANSWER_ERROR)
			return false;
	}
	return true;
}

static void
forget_stages(struct session *s)
{
	size_t i;

	for (i = 0; i < STAGES; i++)
		if (s->message.passes[i] && stages[i]->forget)
			stages[i]->forget(s);
	for (i = 0; i < STAGES; i++)
		s->message.passes[i] = false;
}

/* Through the stages from the `first` on, then to the queue program. */
static void
pass_on(struct session *s, size_t first, struct view octets)
{
	size_t i;

	for (i = first; i < STAGES && octets.len > 0; i++)
		if (s->message.passes[i] && stages[i]->push)
			octets = stages[i]->push(s, octets);
	submit_put(&s->buffers->queue, octets);
}

static void
end_stages(struct session *s)
{
	size_t i;

	for (i = 0; i < STAGES; i++)
		if (s->message.passes[i] && stages[i]->end)
			pass_on(s, i + 1, stages[i]->end(s));
}

static bool
is_accepted(struct session *s, struct ruling *why)
{
	size_t i;

	for (i = 0; i < STAGES; i++)
		if (s->message.passes[i] && stages[i]->accepts &&
		    !stages[i]->accepts(s, why))
			return false;
	return true;
}

/* What may refuse a message before any of it is here: true, or false and it was answered. */
static bool (*const questions[])(struct session *s) = {
	greylist_accepts_data,
};

static bool
may_begin(struct session *s)
{
	size_t i;

	for (i = 0; i < sizeof questions / sizeof *questions; i++)
		if (!questions[i](s))
			return false;
	return true;
}

/* --- what is added ---------------------------------------------------------------------------------- */

static const char *
protocol_name(const struct session *s)
{
	/* RFC 3848, but for clear text without AUTH: that is SMTP, as in qmail */
	static const char *const names[][2][2] = {
		[SESSION_SMTP] = { { "SMTP", "ESMTPA" }, { "ESMTPS", "ESMTPSA" } },
		[SESSION_QMTP] = { { "QMTP", "QMTP" }, { "QMTPS", "QMTPS" } },
		[SESSION_QMQP] = { { "QMQP", "QMQP" }, { "QMQPS", "QMQPS" } },
	};

	return names[s->protocol][s->tls.active][s->auth.done];
}

static void
append_received(struct session *s, struct str *out)
{
	const struct peer *peer = s->peer;

	received_format(out,
	    &(struct received) {
		.host = peer->host,
		.ip = peer->ip,
		.helo = str_view(&s->helo),
		.info = s->auth.done ? str_view(&s->auth.user) : peer->info,
		.has_info = s->auth.done || peer->has_info,
		.by = peer->local,
		.protocol = protocol_name(s),
		.tls = str_view(&s->tls.facts.protocol),
		.cipher = str_view(&s->tls.facts.cipher),
		.now = (int64_t)time(NULL),
	    });
}

static void
put_top(struct session *s)
{
	struct session_message *m = &s->message;
	size_t i;

	str_clear(&m->top);
	for (i = 0; i < STAGES; i++)
		if (m->passes[i] && stages[i]->above)
			stages[i]->above(s, &m->top);
	append_received(s, &m->top);
	for (i = 0; i < STAGES; i++)
		if (m->passes[i] && stages[i]->below)
			stages[i]->below(s, &m->top);
	submit_put(&s->buffers->queue, str_view(&m->top));
}

static void
put_envelope(const struct transaction *t, struct submit *queue)
{
	const struct recipient *r;

	submit_sender(queue, t->sender.whole);
	for (r = t->first; r; r = r->next)
		submit_recipient(queue, r->address);
}

/* --- a message -------------------------------------------------------------------------------------- */

/* At the first message; they hold for all. */
static bool
read_rules(struct session *s, struct problem *problem)
{
	struct session_message *m = &s->message;

	if (!m->knows_rules &&
	    settings_read_data_rules(s->settings, &m->rules, problem) == ANSWER_ERROR)
		return false;
	m->knows_rules = true;
	m->text = m->rules;
	return true;
}

/* By QMQP come messages that another host of ours has taken, and looked into. */
static bool
looks_into(const struct session *s)
{
	return !s->settings->strict && s->protocol != SESSION_QMQP;
}

bool
message_begin(struct session *s, bool in_chunks)
{
	struct session_message *m = &s->message;
	struct problem problem;

	if (!may_begin(s))
		return false;
	if (!read_rules(s, &problem) || (looks_into(s) && !begin_stages(s, &problem))) {
		forget_stages(s);
		session_no_controls(s, &problem);
		return false;
	}
	if (submit_open(&s->buffers->queue, session_environment(s)) < 0) {
		struct ruling why = { .reply = reply_named(REPLY_NO_QUEUE),
			.check = "queue" };

		forget_stages(s);
		session_reply_with(s, &why.reply);
		server_log_message_refusal(s, &why, 0);
		return false;
	}
	s->buffers->queue.deadline = s->end;
	m->open = true;
	m->text.chunked = in_chunks;
	put_top(s);
	return true;
}

bool
message_is_too_large(const struct session *s)
{
	return s->settings->databytes && s->message.text.octets > s->settings->databytes;
}

void
message_put(struct session *s, struct view octets)
{
	if (message_is_too_large(s))
		submit_fail(&s->buffers->queue);
	pass_on(s, 0, octets);
}

/* What is to be said against the message itself, in this order (inbound 2.3). */
static bool
find_fault(const struct session *s, struct ruling *why)
{
	const struct dotstream *d = &s->message.text;
	enum reply_name name;

	if (d->hops.count >= HOPS_MAX) {
		name = REPLY_TOO_MANY_HOPS;
		why->check = "hops";
	} else if (message_is_too_large(s)) {
		name = REPLY_TOO_LARGE;
		why->check = "databytes";
	} else if (d->saw_bare_lf && d->bare_lf == BARE_LF_REJECT) {
		name = REPLY_BARE_LF;
		why->check = "barelf";
	} else if (d->saw_bare_cr && d->bare_cr == BARE_CR_REJECT) {
		name = REPLY_BARE_CR;
		why->check = "barecr";
	} else {
		return false;
	}
	why->reply = reply_named(name);
	return true;
}

void
message_end(struct session *s, struct message_outcome *outcome)
{
	struct submit *queue = &s->buffers->queue;

	*outcome = (struct message_outcome) { 0 };
	end_stages(s);
	outcome->is_refused =
	    find_fault(s, &outcome->why) || !is_accepted(s, &outcome->why);
	outcome->is_dropped = blackhole_drops_message(s);
	if (outcome->is_refused || outcome->is_dropped)
		submit_fail(queue);
	put_envelope(&s->transaction, queue);
	submit_close(queue, &outcome->verdict);
	s->message.open = false;
	forget_stages(s);
}

void
message_break_off(struct session *s)
{
	session_reply(s, REPLY_BARE_LF_CLOSE);
	session_close(s, "bare-lf");
}

/* There will be no end: nothing is queued.  Does nothing when none is open. */
static void
drop(struct session *s)
{
	struct submit_verdict verdict;

	if (!s->message.open)
		return;
	s->message.open = false;
	forget_stages(s);
	submit_fail(&s->buffers->queue);
	/* No envelope, nothing queued.  When the session is over the queue program is not waited
	 * for, as in qmail: a filter in front of it may take its time. */
	if (s->over)
		return;
	session_sigterm_kills(s, true);
	submit_close(&s->buffers->queue, &verdict);
	session_sigterm_kills(s, false);
	submit_verdict_free(&verdict);
}

void
message_reset(struct session *s)
{
	drop(s);
	relaymailfrom_forget(s);
	transaction_reset(&s->transaction);
}

void
message_free(struct session *s)
{
	drop(s);
	str_free(&s->message.top);
}
