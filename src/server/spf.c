#include "server/spf.h"

#include <time.h>

#include "config/control.h"
#include "policy/spf/header.h"
#include "server/log.h"
#include "server/ownip.h"
#include "server/session.h"
#include "server/sessionreply.h"

enum {
	PATIENCE = 20,    /* seconds for all questions; RFC 7208 4.6.4 asks for so many */
	REPLY_TEXT = 400, /* octets of an explanation in one line of the reply */
};

/* What is said where neither the domain nor spfexp does. */
static const char default_explanation[] =
    "sorry, the sender policy of %{d} does not let %{c} send mail for %{s}";

/* --- settings ------------------------------------------------------------------------------------- */

static enum answer
read_files(
    const struct settings *settings, struct session_spf *spf, struct problem *problem)
{
	bool is_sqmail = settings->dialect == DIALECT_SQMAIL;
	const char *rules = is_sqmail ? "control/spflocalrules" : "control/spfrules";
	const char *explanation = is_sqmail ? "control/spfexplain" : "control/spfexp";
	enum answer answer = control_line(explanation, &spf->explanation, problem);

	spf->is_explained = answer == ANSWER_YES;
	if (answer == ANSWER_NO)
		str_append_text(&spf->explanation, default_explanation);
	if (answer == ANSWER_ERROR ||
	    control_line(rules, &spf->rules, problem) == ANSWER_ERROR ||
	    control_line("control/spfguess", &spf->guess, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	answer = control_line("control/me", &spf->me, problem);
	if (answer == ANSWER_NO)
		str_set(&spf->me, str_view(&settings->name));
	return answer == ANSWER_ERROR ? ANSWER_ERROR : ANSWER_YES;
}

/* ANSWER_YES or ANSWER_ERROR with `problem`. */
static enum answer
read_settings(struct session *s, struct problem *problem)
{
	struct session_spf *spf = &s->spf;
	const char *variable =
	    s->settings->dialect == DIALECT_SQMAIL ? "SPF" : "SPFBEHAVIOR";
	struct ip ip;

	if (control_number_env("control/spfbehavior", variable, &spf->level, problem) ==
	    ANSWER_ERROR)
		return ANSWER_ERROR;
	if (spf->level == SPF_LEVEL_OFF)
		return ANSWER_YES;
	if (read_files(s->settings, spf, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	if (!ip_parse(s->peer->ip, &ip))
		return ANSWER_YES;
	problem->what = NULL;
	switch (ownip_has(&s->ownip, &ip, false, problem)) {
	case ANSWER_YES:
		spf->is_own = true;
		break;
	case ANSWER_ERROR:
		return problem->what ? ANSWER_ERROR : ANSWER_YES;
	case ANSWER_NO:
		spf->is_own = ip_is_loopback(&ip);
		break;
	}
	return ANSWER_YES;
}

void
spf_free(struct session_spf *spf)
{
	str_free(&spf->rules);
	str_free(&spf->guess);
	str_free(&spf->explanation);
	str_free(&spf->me);
	authresults_free(&spf->filter);
	*spf = (struct session_spf) { 0 };
}

/* --- MAIL ----------------------------------------------------------------------------------------- */

/* Whose mail is taken whatever SPF says. */
static bool
is_excused(const struct session *s)
{
	return s->relay_client || s->auth.done;
}

static void
ask(struct session *s, const struct ip *ip)
{
	struct session_spf *spf = &s->spf;
	struct transaction *t = &s->transaction;
	struct spf_verdict *verdict = arena_alloc(&t->mem, sizeof *verdict);
	struct spf_question question = {
		.ip = *ip,
		.is_own = spf->is_own,
		.helo = s->said_helo
		    ? arena_copy(&t->mem, str_view(&s->helo)) /* another may come */
		    : VIEW(""),
		.sender = t->sender.whole,
		.receiver = str_view(&spf->me),
		.now = (int64_t)time(NULL),
		.local_rules = str_view(&spf->rules),
		.guess = str_view(&spf->guess),
		.explanation = str_view(&spf->explanation),
	};

	spf_evaluate(session_resolver(s), &question,
	    deadline_sooner(s->end, deadline_in(PATIENCE)), &t->mem, verdict);
	t->spf = verdict;
	env_list_set(session_environment(s), "SPFRESULT",
	    view_of(spf_result_variable(verdict->result)));
	server_log_spf(s, verdict);
}

bool
spf_accepts_mail(struct session *s)
{
	struct session_spf *spf = &s->spf;
	struct problem problem;
	struct ip ip;

	if (s->settings->strict)
		return true;
	if (!spf->known && read_settings(s, &problem) == ANSWER_ERROR) {
		session_no_controls(s, &problem);
		return false;
	}
	spf->known = true;
	if (spf->level == SPF_LEVEL_OFF)
		return true;
	env_list_unset(session_environment(s), "SPFRESULT");
	if (is_excused(s) || !ip_parse(s->peer->ip, &ip))
		return true;
	ask(s, &ip);
	if (spf->level < SPF_LEVEL_TEMPERROR ||
	    s->transaction.spf->result != SPF_TEMPERROR)
		return true;
	session_refuse(s, REPLY_SPF_FAILURE, "spf");
	return false;
}

/* --- RCPT ----------------------------------------------------------------------------------------- */

static bool
is_refused(uint64_t level, enum spf_result result)
{
	static const enum spf_level needed[] = {
		[SPF_FAIL] = SPF_LEVEL_FAIL,
		[SPF_SOFTFAIL] = SPF_LEVEL_SOFTFAIL,
		[SPF_NEUTRAL] = SPF_LEVEL_NEUTRAL,
		[SPF_NONE] = SPF_LEVEL_ALL,
		[SPF_PERMERROR] = SPF_LEVEL_ALL,
	};

	return result != SPF_PASS && result != SPF_TEMPERROR && level >= needed[result];
}

/* The next line of an explanation, cut at a blank if it is long. */
static struct view
next_line(struct view *rest)
{
	struct view line = *rest;
	size_t blank;

	if (line.len > REPLY_TEXT) {
		line = view_first(line, REPLY_TEXT);
		blank = view_rindex(line, ' ');
		if (blank > 0 && blank < line.len)
			line = view_first(line, blank);
	}
	*rest = view_trim_left(view_from(*rest, line.len));
	return line;
}

/* A line of the reply that is not the last. */
static void
put_line(struct session *s, struct view text)
{
	session_reply_more(s, &(struct reply) { 550, text, VIEW("5.7.1") });
}

/* It must be plain whose words these are (RFC 7208 6.2, 11.5). */
static void
announce(struct session *s, struct view domain)
{
	struct str text = { 0 };

	str_append_text(&text, "the sender policy of your domain does not let you; ");
	str_append(&text, view_first(domain, REPLY_TEXT));
	str_append_text(&text, " explains:");
	put_line(s, str_view(&text));
	str_free(&text);
}

/* Why, in one line: the explanation, unless that is our default and not what has happened. */
static struct view
reason_of(const struct session_spf *spf, const struct spf_verdict *v)
{
	bool is_denied = v->result == SPF_FAIL || v->result == SPF_SOFTFAIL;

	if (v->explanation.len && (spf->is_explained || is_denied))
		return v->explanation;
	switch (v->result) {
	case SPF_NONE:
		return VIEW("sorry, the sender's domain has no sender policy");
	case SPF_PERMERROR:
		return VIEW("sorry, the sender policy of the sender's domain is wrong");
	default:
		return VIEW("sorry, the sender policy of the sender's domain does not "
			    "permit this host");
	}
}

bool
spf_accepts_rcpt(struct session *s)
{
	const struct spf_verdict *v = s->transaction.spf;
	struct ruling why = { .check = "spf" };
	struct view rest, line;

	if (!v || is_excused(s) || !is_refused(s->spf.level, v->result))
		return true;
	rest = reason_of(&s->spf, v);
	if (v->is_theirs)
		announce(s, v->domain);
	for (line = next_line(&rest); rest.len > 0; line = next_line(&rest))
		put_line(s, line);
	why.reply = (struct reply) { 550, line, VIEW("5.7.1") };
	session_refuse_with(s, &why);
	return false;
}

/* --- the message ------------------------------------------------------------------------------------ */

static enum answer
begin_message(struct session *s, struct problem *problem)
{
	(void)problem;
	if (!s->transaction.spf)
		return ANSWER_NO;
	authresults_start(&s->spf.filter, str_view(&s->spf.me));
	return ANSWER_YES;
}

static void
append_fields(struct session *s, struct str *out)
{
	const struct spf_verdict *v = s->transaction.spf;
	struct view me = str_view(&s->spf.me);
	struct ip ip = { 0 };

	ip_parse(s->peer->ip, &ip);
	str_append_text(out, "Authentication-Results: ");
	spf_header_value(out, me);
	str_append_text(out, ";\n\t");
	spf_header_result(out, v);
	str_append_byte(out, '\n');
	spf_header_format(out, v, &ip, me);
}

static struct view
push_octets(struct session *s, struct view octets)
{
	return authresults_push(&s->spf.filter, octets);
}

static struct view
end_message(struct session *s)
{
	return authresults_end(&s->spf.filter);
}

const struct message_stage spf_stage = {
	.begin = begin_message,
	.above = append_fields,
	.push = push_octets,
	.end = end_message,
};
