#include "server/rates.h"

#include "config/control.h"
#include "lib/env.h"
#include "server/log.h"
#include "server/session.h"
#include "server/sessionreply.h"

enum { SECONDS_DEFAULT = 3600, COUNTERS = RATE_SUBJECTS * RATE_THINGS };

/* By subject and thing. */
static const struct {
	const char *check, *file, *variable;
} names[RATE_SUBJECTS][RATE_THINGS] = {
	{ { "ratenetwork", "control/ratenetwork", "RATENETWORK" },
	    { "ratenetworkrcpt", "control/ratenetworkrcpt", "RATENETWORKRCPT" } },
	{ { "rateuser", "control/rateuser", "RATEUSER" },
	    { "rateuserrcpt", "control/rateuserrcpt", "RATEUSERRCPT" } },
};

/* --- figures -------------------------------------------------------------------------------------- */

static enum answer
read_subject(struct session_rates *rates, unsigned subject, struct problem *problem)
{
	unsigned thing;

	for (thing = 0; thing < RATE_THINGS; thing++)
		if (control_number_env(names[subject][thing].file,
			names[subject][thing].variable, &rates->figures[subject][thing],
			problem) == ANSWER_ERROR)
			return ANSWER_ERROR;
	if (rates->seconds == 0 &&
	    (rates->figures[subject][RATE_MESSAGES] ||
		rates->figures[subject][RATE_RECIPIENTS])) {
		rates->seconds = SECONDS_DEFAULT;
		if (control_number_env("control/ratetime", "RATETIME", &rates->seconds,
			problem) == ANSWER_ERROR)
			return ANSWER_ERROR;
	}
	rates->known[subject] = true;
	return ANSWER_YES;
}

/* False, and the session is over, if a file cannot be read. */
static bool
knows_figures(struct session *s)
{
	struct session_rates *rates = &s->rates;
	struct problem problem;
	unsigned subject, count = s->auth.done ? RATE_SUBJECTS : RATE_USER;

	for (subject = 0; subject < count; subject++) {
		if (rates->known[subject] ||
		    read_subject(rates, subject, &problem) != ANSWER_ERROR)
			continue;
		session_no_controls(s, &problem);
		return false;
	}
	return true;
}

/* --- counters ------------------------------------------------------------------------------------- */

/* Those that the store is to be asked about in one go. */
struct counters {
	size_t count;
	struct counter {
		unsigned subject, thing;
		struct str key;
	} at[COUNTERS];
	struct state_op ops[COUNTERS];
	struct state_result results[COUNTERS];
};

static bool
append_key(const struct session *s, unsigned subject, unsigned thing, struct str *key)
{
	struct str who = { 0 };
	bool is_known = true;

	if (subject == RATE_USER)
		str_append_lower(&who, str_view(&s->auth.user));
	else
		is_known = store_client_key(s, &who);
	state_key_add(
	    key, thing == RATE_MESSAGES ? VIEW("messages") : VIEW("recipients"));
	state_key_add(key, str_view(&who));
	str_free(&who);
	return is_known;
}

static void
add_counter(
    const struct session *s, unsigned subject, unsigned thing, struct counters *out)
{
	struct counter *counter = &out->at[out->count];

	if (s->rates.figures[subject][thing] == 0 ||
	    (subject == RATE_USER && !s->auth.done))
		return;
	*counter = (struct counter) { .subject = subject, .thing = thing };
	if (append_key(s, subject, thing, &counter->key))
		out->count++;
	else
		str_free(&counter->key);
}

static void
find_counters(const struct session *s, unsigned thing, struct counters *out)
{
	unsigned subject;

	for (subject = 0; subject < RATE_SUBJECTS; subject++)
		add_counter(s, subject, thing, out);
}

/* Add `amount` to each, where that does not lead above its figure, or anyway.  False if the store
 * cannot tell. */
static bool
count(struct session *s, struct counters *c, uint32_t amount, bool anyway)
{
	const struct session_rates *rates = &s->rates;
	size_t i;

	for (i = 0; i < c->count; i++) {
		const struct counter *counter = &c->at[i];
		uint64_t figure = rates->figures[counter->subject][counter->thing];

		c->ops[i] = (struct state_op) { .verb = STATE_COUNT,
			.flags = STATE_SLIDING,
			.space = counter->subject == RATE_USER ? STATE_MESSAGE_USER
							       : STATE_MESSAGE_NETWORK,
			.key = str_view(&counter->key),
			.amount = amount,
			.limit = anyway ? 0 : store_number(figure),
			.window = store_number(rates->seconds) };
	}
	return store_ask(s, c->ops, c->count, c->results);
}

static void
free_counters(struct counters *c)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		str_free(&c->at[i].key);
}

/* --- what is asked -------------------------------------------------------------------------------- */

static void
refuse(struct session *s, const struct counter *counter, uint64_t reached)
{
	unsigned subject = counter->subject, thing = counter->thing;
	struct ruling why = { .reply = reply_named(REPLY_RATE),
		.check = names[subject][thing].check,
		.file = env_value(names[subject][thing].variable)
		    ? names[subject][thing].variable
		    : names[subject][thing].file,
		.count = reached };

	session_refuse_with(s, &why);
}

bool
rates_accepts_mail(struct session *s)
{
	struct counters counters = { 0 };
	bool is_good = true;
	size_t i;

	if (s->settings->strict)
		return true;
	if (!knows_figures(s))
		return false;
	find_counters(s, RATE_MESSAGES, &counters);
	find_counters(s, RATE_RECIPIENTS, &counters);
	if (count(s, &counters, 0, true))
		for (i = 0; i < counters.count && is_good; i++) {
			const struct counter *c = &counters.at[i];

			is_good = counters.results[i].count <
			    s->rates.figures[c->subject][c->thing];
			if (!is_good)
				refuse(s, c, counters.results[i].count);
		}
	free_counters(&counters);
	return is_good;
}

bool
rates_accepts_rcpt(struct session *s)
{
	struct counters counters = { 0 };
	bool is_good = true;
	size_t i;

	if (s->settings->strict)
		return true;
	find_counters(s, RATE_RECIPIENTS, &counters);
	if (count(s, &counters, 1, false))
		for (i = 0; i < counters.count && is_good; i++) {
			is_good = counters.results[i].standing != STATE_OVER;
			if (!is_good)
				refuse(s, &counters.at[i], counters.results[i].count);
		}
	free_counters(&counters);
	return is_good;
}

void
rates_message_taken(struct session *s)
{
	struct counters counters = { 0 };

	find_counters(s, RATE_MESSAGES, &counters);
	count(s, &counters, 1, true);
	free_counters(&counters);
}
