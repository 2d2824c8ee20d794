#include "server/authlimit.h"

#include "config/control.h"
#include "server/log.h"
#include "server/session.h"

enum {
	NETWORK_DEFAULT = 20,
	USER_DEFAULT = 10,
	SECONDS_DEFAULT = 900,
	SUBJECTS = 2,
	DELAYS_MAX = 12, /* a minute, with the default delay */
};

/* Whose failures are counted. */
struct subject {
	const char *who;
	unsigned space;
	uint64_t figure;
	struct str key; /* of its counter */
	struct str ban; /* of its refusal: the space for these is shared with others */
};

struct subjects {
	struct subject at[SUBJECTS];
	size_t count;
};

/* --- figures -------------------------------------------------------------------------------------- */

static enum answer
read_figures(struct session_authlimit *limit, struct problem *problem)
{
	limit->network = NETWORK_DEFAULT;
	limit->user = USER_DEFAULT;
	limit->seconds = SECONDS_DEFAULT;
	if (control_number("control/authfailures", &limit->network, problem) ==
		ANSWER_ERROR ||
	    control_number("control/authfailuresuser", &limit->user, problem) ==
		ANSWER_ERROR ||
	    control_number("control/authfailtime", &limit->seconds, problem) ==
		ANSWER_ERROR)
		return ANSWER_ERROR;
	if (limit->seconds == 0)
		limit->network = limit->user = 0;
	limit->known = true;
	return ANSWER_YES;
}

/* --- subjects ------------------------------------------------------------------------------------- */

static struct subject *
add_subject(
    struct subjects *subjects, const char *who, enum state_space space, uint64_t figure)
{
	struct subject *subject = &subjects->at[subjects->count++];

	*subject = (struct subject) { .who = who, .space = space, .figure = figure };
	return subject;
}

/* Those that are counted in this session; none where the store is not to be asked. */
static void
find_subjects(const struct session *s, struct view user, struct subjects *out)
{
	const struct session_authlimit *limit = &s->authlimit;
	struct str network = { 0 };
	size_t i;

	out->count = 0;
	if (s->store.is_lost)
		return;
	if (limit->network && store_client_key(s, &network))
		add_subject(out, "network", STATE_AUTH_NETWORK, limit->network)->key =
		    network;
	if (limit->user)
		str_append_lower(
		    &add_subject(out, "user", STATE_AUTH_USER, limit->user)->key, user);
	for (i = 0; i < out->count; i++) {
		state_key_add(&out->at[i].ban, VIEW("auth"));
		state_key_add(&out->at[i].ban, view_of(out->at[i].who));
		state_key_add(&out->at[i].ban, str_view(&out->at[i].key));
	}
}

static void
free_subjects(struct subjects *subjects)
{
	size_t i;

	for (i = 0; i < subjects->count; i++) {
		str_free(&subjects->at[i].key);
		str_free(&subjects->at[i].ban);
	}
}

/* --- what is asked -------------------------------------------------------------------------------- */

enum answer
authlimit_refuses(struct session *s, struct view user, struct problem *problem)
{
	struct state_op ops[SUBJECTS];
	struct state_result results[SUBJECTS];
	struct subjects subjects;
	enum answer answer = ANSWER_NO;
	size_t i;

	if (!s->authlimit.known && read_figures(&s->authlimit, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	find_subjects(s, user, &subjects);
	for (i = 0; i < subjects.count; i++)
		ops[i] = (struct state_op) { .verb = STATE_READ,
			.space = STATE_BAN,
			.key = str_view(&subjects.at[i].ban) };
	if (store_ask(s, ops, subjects.count, results))
		for (i = 0; i < subjects.count && answer == ANSWER_NO; i++)
			if (results[i].standing == STATE_FOUND) {
				s->authlimit.who = subjects.at[i].who;
				answer = ANSWER_YES;
			}
	free_subjects(&subjects);
	return answer;
}

/* Refuse those whose count has reached their figure. */
static void
refuse(struct session *s, const struct subjects *subjects,
    const struct state_result counts[])
{
	struct state_op ops[SUBJECTS];
	struct state_result results[SUBJECTS];
	size_t i, count = 0;

	for (i = 0; i < subjects->count; i++)
		if (counts[i].count >= subjects->at[i].figure)
			ops[count++] = (struct state_op) { .verb = STATE_SET,
				.space = STATE_BAN,
				.key = str_view(&subjects->at[i].ban),
				.keep = store_number(s->authlimit.seconds),
				.value = VIEW("failed logins") };
	store_ask(s, ops, count, results);
}

uint64_t
authlimit_delays(uint64_t in_session, uint64_t in_store)
{
	uint64_t failures = in_session > in_store ? in_session : in_store;

	return failures < DELAYS_MAX ? failures : DELAYS_MAX;
}

static uint64_t
greatest(const struct state_result counts[], size_t count)
{
	uint64_t most = 0;
	size_t i;

	for (i = 0; i < count; i++)
		if (counts[i].count > most)
			most = counts[i].count;
	return most;
}

uint64_t
authlimit_failed(struct session *s, struct view user)
{
	struct state_op ops[SUBJECTS];
	struct state_result counts[SUBJECTS];
	struct subjects subjects;
	uint64_t most = 0;
	size_t i;

	find_subjects(s, user, &subjects);
	for (i = 0; i < subjects.count; i++)
		ops[i] = (struct state_op) { .verb = STATE_COUNT,
			.space = subjects.at[i].space,
			.key = str_view(&subjects.at[i].key),
			.amount = 1,
			.window = store_number(s->authlimit.seconds) };
	if (store_ask(s, ops, subjects.count, counts)) {
		most = greatest(counts, subjects.count);
		refuse(s, &subjects, counts);
	}
	free_subjects(&subjects);
	return most;
}

void
authlimit_succeeded(struct session *s, struct view user)
{
	struct subjects subjects;
	struct state_result result;
	size_t i;

	find_subjects(s, user, &subjects);
	for (i = 0; i < subjects.count; i++) {
		struct state_op op = { .verb = STATE_FORGET,
			.space = subjects.at[i].space,
			.key = str_view(&subjects.at[i].key) };

		if (op.space == STATE_AUTH_USER)
			store_ask(s, &op, 1, &result);
	}
	free_subjects(&subjects);
	/* Nothing more will be asked; a helper of our own need not wait for the end of the mail. */
	store_rest(&s->store);
}
