#include "server/scanspam.h"

#include "config/control.h"
#include "content/score.h"
#include "content/spamd.h"
#include "content/spamheader.h"
#include "lib/mem.h"
#include "server/log.h"
#include "server/scansettings.h"
#include "server/session.h"

enum {
	SIZE_DEFAULT = 500000,
	SIZE_MAX_OCTETS = 2000000, /* memory of a session is bounded */
};

/* --- settings ------------------------------------------------------------------------------------- */

static enum answer
read_points(struct session_spam *spam, struct problem *problem)
{
	enum answer reject = scansettings_score(
	    "control/spamreject", "SPAMREJECT", &spam->reject, problem);
	enum answer munge = reject;

	if (reject != ANSWER_ERROR)
		munge = scansettings_score(
		    "control/spammunge", "SPAMMUNGE", &spam->munge, problem);
	spam->has_reject = reject == ANSWER_YES;
	spam->has_munge = munge == ANSWER_YES;
	return munge;
}

static enum answer
read_rest(struct session_spam *spam, struct problem *problem)
{
	spam->octets_max = SIZE_DEFAULT;
	str_set(&spam->mark, VIEW("*****SPAM*****"));
	if (scansettings_failure("control/spamdfail", "SPAMDFAIL", &spam->defers,
		problem) == ANSWER_ERROR ||
	    read_points(spam, problem) == ANSWER_ERROR ||
	    control_number_env("control/spamsize", "SPAMSIZE", &spam->octets_max,
		problem) == ANSWER_ERROR ||
	    control_line_env("control/spamsubject", "SPAMSUBJECT", &spam->mark,
		problem) == ANSWER_ERROR ||
	    control_number_env("control/spamdrelay", "SPAMDRELAY", &spam->asks_of_ours,
		problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	if (spam->octets_max > SIZE_MAX_OCTETS)
		spam->octets_max = SIZE_MAX_OCTETS;
	return scansettings_timeout(&spam->timeout_ms, problem);
}

static enum answer
read_settings(struct session_spam *spam, struct problem *problem)
{
	enum answer found =
	    scansettings_address("control/spamd", "SPAMD", &spam->address, problem);

	if (found == ANSWER_ERROR ||
	    (found == ANSWER_YES && read_rest(spam, problem) == ANSWER_ERROR))
		return ANSWER_ERROR;
	spam->is_on = found == ANSWER_YES;
	spam->known = true;
	return found;
}

void
scanspam_free(struct session_spam *spam)
{
	str_free(&spam->mark);
	str_free(&spam->held);
	str_free(&spam->out);
	*spam = (struct session_spam) { 0 };
}

/* --- a message ------------------------------------------------------------------------------------ */

static enum answer
begin(struct session *s, struct problem *problem)
{
	struct session_spam *spam = &s->spam;

	if (!spam->known && read_settings(spam, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	spam->passes = spam->has_failed = spam->is_refused = false;
	if (!spam->is_on || ((s->relay_client || s->auth.done) && !spam->asks_of_ours))
		return ANSWER_NO;
	return ANSWER_YES;
}

/* What was held, under a header that does not claim to be of our filter. */
static struct view
rewritten(struct session_spam *spam, struct view mark)
{
	spamheader_rewrite(&spam->out, str_view(&spam->held), mark);
	str_free(&spam->held);
	return str_view(&spam->out);
}

static struct view
push(struct session *s, struct view octets)
{
	struct session_spam *spam = &s->spam;

	if (spam->passes)
		return octets;
	str_append(&spam->held, octets);
	if (spam->held.len <= spam->octets_max)
		return VIEW("");
	spam->passes = true;
	if (!s->buffers->queue.failed)
		server_log_scan(s, "spamd", "too-large", VIEW(""), VIEW(""));
	return rewritten(spam, VIEW(""));
}

static void
log_verdict(struct session *s, const struct spamd_verdict *v)
{
	struct str score = { 0 };

	score_format(&score, v->score);
	server_log_scan(
	    s, "spamd", v->is_spam ? "spam" : "ham", str_view(&score), spamd_symbols(v));
	str_free(&score);
}

static struct view
take_verdict(struct session *s, const struct spamd_verdict *v)
{
	struct session_spam *spam = &s->spam;

	log_verdict(s, v);
	spam->score = v->score;
	spam->is_refused = spam->has_reject && v->score >= spam->reject;
	if (spam->is_refused) {
		submit_fail(&s->buffers->queue);
		return VIEW("");
	}
	spamheader_format(&spam->out, v);
	return rewritten(spam,
	    spam->has_munge && v->score >= spam->munge ? str_view(&spam->mark)
						       : VIEW(""));
}

static struct view
end(struct session *s)
{
	struct session_spam *spam = &s->spam;
	struct spamd_verdict verdict;
	const char *reason;

	if (spam->passes || s->buffers->queue.failed)
		return VIEW("");
	reason =
	    spamd_ask(&spam->address, str_view(&s->message.top), str_view(&spam->held),
		deadline_sooner(s->end, deadline_in_ms(spam->timeout_ms)), &verdict);
	if (!reason)
		return take_verdict(s, &verdict);
	spam->has_failed = true;
	server_log_scan(s, "spamd", "failed", VIEW(""), view_of(reason));
	return rewritten(spam, VIEW(""));
}

static void
say_score(struct session *s, struct ruling *why)
{
	struct str text = { 0 };

	str_append_text(&text, "sorry, this message looks like spam, score ");
	score_format(&text, s->spam.score);
	why->reply = (struct reply) { 550, arena_copy(&s->scratch, str_view(&text)),
		VIEW("5.7.1") };
	str_free(&text);
}

static bool
accepts(struct session *s, struct ruling *why)
{
	const struct session_spam *spam = &s->spam;

	why->check = "spamd";
	if (spam->is_refused)
		say_score(s, why);
	else if (spam->has_failed && spam->defers)
		reply_set(&why->reply, 451, "4.3.0",
		    "sorry, the spam filter does not answer; please try again later");
	else
		return true;
	return false;
}

static void
forget(struct session *s)
{
	str_free(&s->spam.held);
	str_free(&s->spam.out);
}

const struct message_stage scanspam_stage = {
	.begin = begin,
	.push = push,
	.end = end,
	.accepts = accepts,
	.forget = forget,
};
