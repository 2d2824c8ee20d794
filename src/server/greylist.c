#include "server/greylist.h"

#include "lib/env.h"
#include "policy/greyrules.h"
#include "server/log.h"
#include "server/session.h"
#include "server/sessionreply.h"

enum {
	DELAY_DEFAULT = 300,
	RETRY_DEFAULT = 86400,
	KEEP_DEFAULT = 36 * 86400,
	PASSES_DEFAULT = 5,
};

/* --- settings ------------------------------------------------------------------------------------- */

static void
tell_wrong_lines(struct session *s)
{
	const struct control_list *allow = &s->greylist.allow;
	struct problem problem;
	size_t i;

	for (i = 0; i < allow->count; i++) {
		if (greyrules_is_line(allow->entries[i].text))
			continue;
		problem_note(&problem, "control/greylistallow", allow->entries[i].line,
		    "neither an address nor a network", 0);
		log_problem(&s->log, &problem);
	}
}

/* ANSWER_YES or ANSWER_ERROR with `problem`. */
static enum answer
read_settings(struct session *s, struct problem *problem)
{
	struct session_greylist *g = &s->greylist;

	*g = (struct session_greylist) { .delay = DELAY_DEFAULT,
		.retry = RETRY_DEFAULT,
		.keep = KEEP_DEFAULT,
		.passes = PASSES_DEFAULT };
	if (control_number_env("control/greylist", "GREYLIST", &g->is_on, problem) ==
	    ANSWER_ERROR)
		return ANSWER_ERROR;
	if (!g->is_on)
		return ANSWER_YES;
	if (control_number_env("control/greylistdelay", "GREYLIST_DELAY", &g->delay,
		problem) == ANSWER_ERROR ||
	    control_number_env("control/greylistspf", "GREYLIST_SPF", &g->by_spf,
		problem) == ANSWER_ERROR ||
	    control_number("control/greylistretry", &g->retry, problem) == ANSWER_ERROR ||
	    control_number("control/greylistkeep", &g->keep, problem) == ANSWER_ERROR ||
	    control_number("control/greylistpasses", &g->passes, problem) ==
		ANSWER_ERROR ||
	    control_list("control/greylistallow", &g->allow, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	tell_wrong_lines(s);
	return ANSWER_YES;
}

void
greylist_free(struct session_greylist *g)
{
	control_list_free(&g->allow);
}

/* --- whose mail it is ------------------------------------------------------------------------------- */

static bool
is_allowed(const struct session *s)
{
	const struct control_list *allow = &s->greylist.allow;
	struct ip ip = { 0 };
	size_t i;

	ip_parse(s->peer->ip, &ip);
	for (i = 0; i < allow->count; i++)
		if (greyrules_line_has(
			allow->entries[i].text, &ip, &s->transaction.sender))
			return true;
	return false;
}

/* False if there is nothing that a client could be known by. */
static bool
append_subject(const struct session *s, struct str *key)
{
	const struct spf_verdict *spf = s->transaction.spf;
	struct str name = { 0 };
	bool is_named = s->greylist.by_spf && spf && spf->result == SPF_PASS;

	if (is_named)
		str_append_lower(&name, spf->domain);
	else if (!store_client_key(s, &name))
		return false;
	state_key_add(key, is_named ? VIEW("spf") : VIEW("network"));
	state_key_add(key, str_view(&name));
	str_free(&name);
	return true;
}

static struct greylist_subject *
subject_of(struct session *s)
{
	struct transaction *t = &s->transaction;
	struct greylist_subject *subject = t->greylist;
	struct str key = { 0 };

	if (subject)
		return subject;
	subject = t->greylist = arena_alloc(&t->mem, sizeof *subject);
	*subject = (struct greylist_subject) { .is_spared = true };
	/* cqgreylist's users have $WHITELISTED in their tcprules. */
	if (!env_value("WHITELISTED") && !is_allowed(s) && append_subject(s, &key)) {
		subject->is_spared = false;
		subject->key = arena_copy(&t->mem, str_view(&key));
	}
	str_free(&key);
	return subject;
}

/* --- the store -------------------------------------------------------------------------------------- */

static struct state_op
count_passes(
    const struct session *s, const struct greylist_subject *subject, uint32_t amount)
{
	return (struct state_op) { .verb = STATE_COUNT,
		.flags = STATE_SLIDING,
		.space = STATE_GREYLIST_PASSES,
		.key = subject->key,
		.amount = amount,
		.window = store_number(s->greylist.keep) };
}

/* It has come back: a proof of good will, of which a transaction has one, however many recipients. */
static void
note_pass(struct session *s, struct greylist_subject *subject)
{
	struct state_op op = count_passes(s, subject, 1);
	struct state_result result;

	if (subject->has_passed || s->greylist.passes == 0)
		return;
	subject->has_passed = true;
	store_ask(s, &op, 1, &result);
}

/* May this message come now?  True, too, if that cannot be found out. */
static bool
is_known(struct session *s, struct greylist_subject *subject, struct view recipient)
{
	const struct session_greylist *g = &s->greylist;
	struct state_result results[2];
	struct state_op ops[2];
	struct str key = { 0 };
	bool is_asked;

	greyrules_key(&key, subject->key, &s->transaction.sender, recipient);
	ops[0] = count_passes(s, subject, 0);
	ops[1] = (struct state_op) { .verb = STATE_SEEN,
		.space = STATE_GREYLIST,
		.key = str_view(&key),
		.amount = store_number(g->keep),
		.window = store_number(g->delay),
		.keep = store_number(g->retry) };
	is_asked = store_ask(s, ops, 2, results);
	str_free(&key);
	if (!is_asked)
		return true;
	if (results[1].standing == STATE_FOUND && results[1].count == 1)
		note_pass(s, subject);
	return results[1].standing == STATE_FOUND ||
	    (g->passes > 0 && results[0].count >= g->passes);
}

/* --- what is asked ---------------------------------------------------------------------------------- */

static bool
accepts(struct session *s, const struct address *recipient)
{
	struct ruling why = { .reply = reply_named(REPLY_GREYLISTED),
		.check = "greylist",
		.file = env_value("GREYLIST") ? "GREYLIST" : "control/greylist" };
	struct greylist_subject *subject;

	if (policy_spares(&s->settings->policy, recipient))
		return true;
	subject = subject_of(s);
	if (subject->is_spared || is_known(s, subject, recipient->whole))
		return true;
	session_refuse_with(s, &why);
	return false;
}

bool
greylist_accepts_rcpt(struct session *s)
{
	struct session_greylist *g = &s->greylist;
	struct problem problem;

	if (s->settings->strict || s->relay_client || s->auth.done)
		return true;
	if (!g->known && read_settings(s, &problem) == ANSWER_ERROR) {
		session_no_controls(s, &problem);
		return false;
	}
	g->known = true;
	if (!g->is_on || address_is_null(&s->transaction.sender))
		return true;
	return accepts(s, &s->recipient);
}

/* A bounce has one recipient; of several, the first decides. */
bool
greylist_accepts_data(struct session *s)
{
	const struct transaction *t = &s->transaction;
	const struct recipient *r;
	struct address address;

	if (!s->greylist.is_on || s->relay_client || s->auth.done ||
	    !address_is_null(&t->sender))
		return true;
	for (r = t->first; r; r = r->next) {
		address = address_of(r->address);
		if (policy_spares(&s->settings->policy, &address))
			continue;
		s->to = r->address;
		return accepts(s, &address);
	}
	return true;
}
