#include "server/sessioncap.h"

#include "config/control.h"
#include "lib/env.h"
#include "os/os.h"
#include "server/log.h"
#include "server/session.h"
#include "server/sessionreply.h"

/* A place stays taken for so many timeouts when nothing more is heard; a message that trickles in is
 * heard of after four. */
enum { KEEP_TIMEOUTS = 5 };

enum { PLACES = 2 };

/* --- places --------------------------------------------------------------------------------------- */

static void
start_watch(struct session *s)
{
	s->caps.renew = deadline_in((int64_t)s->settings->timeout);
}

static struct state_op
place_op(const struct session *s, enum state_verb verb, unsigned space, struct view key,
    uint64_t figure)
{
	return (struct state_op) { .verb = verb,
		.space = space,
		.key = key,
		.limit = store_number(figure),
		.keep = store_number(s->settings->timeout * KEEP_TIMEOUTS),
		.holder = s->caps.holder };
}

/* Take a place.  False if all are taken, and *count says how many that is; true, too, if that cannot
 * be found out. */
static bool
take(struct session *s, unsigned space, struct str *key, uint64_t figure, uint64_t *count)
{
	struct session_caps *caps = &s->caps;
	struct state_result result;
	struct state_op op;

	if (caps->holder == 0)
		os_random(&caps->holder, sizeof caps->holder);
	op = place_op(s, STATE_HOLD, space, str_view(key), figure);
	if (store_ask(s, &op, 1, &result)) {
		start_watch(s);
		*count = result.count;
		if (result.standing == STATE_FOUND)
			return true;
		str_clear(key);
		return false;
	}
	str_clear(key);
	return true;
}

/* The same operation on all places that we have; returns how many. */
static size_t
all_places(const struct session *s, enum state_verb verb, struct state_op ops[])
{
	const struct session_caps *caps = &s->caps;
	size_t count = 0;

	if (caps->network.len)
		ops[count++] =
		    place_op(s, verb, STATE_SESSION_NETWORK, str_view(&caps->network), 0);
	if (caps->user.len)
		ops[count++] =
		    place_op(s, verb, STATE_SESSION_USER, str_view(&caps->user), 0);
	return count;
}

void
sessioncap_renew(struct session *s)
{
	struct state_result results[PLACES];
	struct state_op ops[PLACES];

	if ((s->caps.network.len == 0 && s->caps.user.len == 0) ||
	    !deadline_passed(s->caps.renew))
		return;
	start_watch(s);
	store_ask(s, ops, all_places(s, STATE_HOLD, ops), results);
}

void
sessioncap_end(struct session *s)
{
	struct state_result results[PLACES];
	struct state_op ops[PLACES];

	store_ask(s, ops, all_places(s, STATE_DROP, ops), results);
	str_free(&s->caps.network);
	str_free(&s->caps.user);
}

/* --- sessions at a time --------------------------------------------------------------------------- */

bool
sessioncap_accepts_session(struct session *s)
{
	struct ruling why = { .reply = reply_named(REPLY_TOO_MANY_SESSIONS),
		.check = "sessionsnetwork",
		.file = env_value("SESSIONSNETWORK") ? "SESSIONSNETWORK"
						     : "control/sessionsnetwork" };
	struct problem problem;
	uint64_t figure = 0;

	if (s->settings->strict)
		return true;
	if (control_number_env("control/sessionsnetwork", "SESSIONSNETWORK", &figure,
		&problem) == ANSWER_ERROR) {
		session_no_controls(s, &problem);
		return false;
	}
	if (figure == 0 || !store_client_key(s, &s->caps.network) ||
	    take(s, STATE_SESSION_NETWORK, &s->caps.network, figure, &why.count))
		return true;
	session_refuse_with(s, &why);
	session_close(s, "sessions");
	return false;
}

/* AUTH may come again after STARTTLS. */
static void
leave_user(struct session *s)
{
	struct session_caps *caps = &s->caps;
	struct state_op op =
	    place_op(s, STATE_DROP, STATE_SESSION_USER, str_view(&caps->user), 0);
	struct state_result result;

	if (caps->user.len)
		store_ask(s, &op, 1, &result);
	str_clear(&caps->user);
}

enum answer
sessioncap_accepts_user(struct session *s, struct view user, struct problem *problem)
{
	struct session_caps *caps = &s->caps;
	uint64_t figure = 0, count;

	if (control_number_env(
		"control/sessionsuser", "SESSIONSUSER", &figure, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	leave_user(s);
	if (figure == 0 || user.len == 0)
		return ANSWER_YES;
	str_append_lower(&caps->user, user);
	return take(s, STATE_SESSION_USER, &caps->user, figure, &count) ? ANSWER_YES
									: ANSWER_NO;
}

/* --- messages of a session ------------------------------------------------------------------------ */

enum answer
sessioncap_messages(struct session *s, uint64_t *out, struct problem *problem)
{
	struct session_caps *caps = &s->caps;

	if (!caps->knows_messages &&
	    control_number_env("control/maxmsgs", "MAXMSGS", &caps->most_messages,
		problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	caps->knows_messages = true;
	*out = caps->most_messages;
	return ANSWER_YES;
}

bool
sessioncap_accepts_mail(struct session *s)
{
	struct ruling why = { .reply = reply_named(REPLY_TOO_MANY_MESSAGES),
		.check = "maxmsgs",
		.file = env_value("MAXMSGS") ? "MAXMSGS" : "control/maxmsgs",
		.count = s->caps.messages };
	struct problem problem;
	uint64_t most;

	if (s->settings->strict)
		return true;
	if (sessioncap_messages(s, &most, &problem) == ANSWER_ERROR) {
		session_no_controls(s, &problem);
		return false;
	}
	if (most == 0 || s->caps.messages < most)
		return true;
	session_refuse_with(s, &why);
	return false;
}

void
sessioncap_message_taken(struct session *s)
{
	s->caps.messages++;
}
