#include "client/authdialogue.h"

#include "auth/sasl_client.h"
#include "client/bearer.h"
#include "lib/base64.h"
#include "os/os.h"

enum { AUTHENTICATED = 235, CHALLENGE = 334, REFUSED = 535, FAILURES_MAX = 2 };

/* What was in the buffers can be decoded to the password. */
static void
wipe_buffers(struct session *s)
{
	os_wipe(s->out_buffer, sizeof s->out_buffer);
}

static bool
send_line(struct session *s, const char *verb, struct str *message)
{
	struct str line = { 0 };
	bool alive;

	str_reserve(&line, message->len * 4 / 3 + 8);
	base64_encode(&line, str_view(message));
	/* An empty initial response is "=" (RFC 4954 4); none of ours is empty. */
	alive = session_ask(s, verb, str_view(&line));
	str_wipe(&line);
	wipe_buffers(s);
	return alive;
}

/* AUTH with the mechanism's name, and the initial response if there is one and it fits. */
static bool
send_auth(struct session *s, struct sasl_client *sasl)
{
	struct view name = view_of(sasl_name(sasl->mechanism));
	struct str message = { 0 }, verb = { 0 };
	size_t fixed = sizeof "AUTH  \r\n" - 1 + name.len;
	bool alive;

	str_append_text(&verb, "AUTH ");
	str_append(&verb, name);
	if (sasl_initial(sasl, &message) &&
	    fixed + (message.len + 2) / 3 * 4 <= AUTH_INITIAL_MAX) {
		str_append_byte(&verb, ' ');
		sasl_initial_sent(sasl);
		alive = send_line(s, str_text(&verb), &message);
	} else {
		alive = session_ask(s, str_text(&verb), VIEW(""));
	}
	str_wipe(&message);
	str_free(&verb);
	return alive;
}

/* The challenge in the last line of the reply, decoded. */
static bool
decode_challenge(const struct session *s, struct str *out)
{
	struct view text = view_trim_right(str_view(&s->reply.text));
	size_t start = view_rindex(text, '\n');

	text = view_from(text, (start < text.len ? start + 1 : 0) + 4);
	return base64_decode(out, view_trim_left(text));
}

/* Answer one challenge; "*" gives up where we cannot. */
static bool
answer(struct session *s, struct sasl_client *sasl)
{
	struct str challenge = { 0 }, message = { 0 };
	bool readable = decode_challenge(s, &challenge) ||
	    !sasl_needs_challenge(sasl->mechanism),
	     alive;

	if (readable && sasl_respond(sasl, str_view(&challenge), &message))
		alive = send_line(s, "", &message);
	else
		alive = session_ask(s, "*", VIEW(""));
	str_free(&challenge);
	str_wipe(&message);
	return alive;
}

enum outcome {
	OUTCOME_DIED, /* the connection did */
	OUTCOME_ACCEPTED,
	OUTCOME_REFUSED,
	OUTCOME_DECEIVED, /* by a server that is not what it says */
};

static enum outcome
outcome_of(const struct session *s, const struct sasl_client *sasl)
{
	if (s->reply.code == AUTHENTICATED && sasl_is_satisfied(sasl))
		return OUTCOME_ACCEPTED;
	return s->reply.code == AUTHENTICATED || sasl_is_deceived(sasl) ? OUTCOME_DECEIVED
									: OUTCOME_REFUSED;
}

/* One mechanism from AUTH to the final reply. */
static enum outcome
exchange(struct attempt *a, enum sasl_mechanism mechanism)
{
	struct session *s = &a->session;
	struct sasl_setting setting = { .credential = &a->task->route.credential,
		.host = a->target->name,
		.port = a->target->port };
	struct sasl_client sasl;
	enum outcome outcome;
	unsigned steps = 0;
	bool alive;

	os_random(setting.random, sizeof setting.random);
	sasl_start(&sasl, mechanism, &setting);
	alive = send_auth(s, &sasl);
	/* A server that never stops asking is told to once, and then left. */
	while (alive && s->reply.code == CHALLENGE && steps++ < 4)
		alive = answer(s, &sasl);
	outcome = alive ? outcome_of(s, &sasl) : OUTCOME_DIED;
	sasl_end(&sasl);
	return outcome;
}

/* A refused token may have been revoked, or a clock be wrong: once, a new one is had. */
static enum outcome
exchange_renewing(struct attempt *a, enum sasl_mechanism mechanism, bool *renewed)
{
	struct bearer_setting bearer = { &a->task->controls.limits, a->task->end };
	const struct session *s = &a->session;
	enum outcome outcome = exchange(a, mechanism);

	if (outcome != OUTCOME_REFUSED || s->over || s->reply.code != REFUSED ||
	    *renewed || !bearer_renew(&a->task->route, &bearer))
		return outcome;
	*renewed = true;
	return exchange(a, mechanism);
}

/* May another mechanism fare better?  Not after a plain "wrong password": that would be a second
 * guess towards the account's lock. */
static bool
is_worth_another(const struct session *s, enum sasl_mechanism mechanism)
{
	if (s->over)
		return false;
	return s->reply.code == 504 || s->reply.code == 534 ||
	    (s->reply.code == REFUSED && sasl_hides_password(mechanism));
}

static bool
rejected(struct attempt *a, enum sasl_mechanism mechanism)
{
	report_begin(a->report, REPORT_LATER);
	report_add(a->report, "Connected to ");
	report_add_view(a->report, str_view(&a->peer));
	report_add(a->report, " but authentication was rejected (");
	report_add(a->report, sasl_name(mechanism));
	report_add(a->report, "). (#4.7.8)");
	report_end(a->report, &a->session.reply);
	return false;
}

bool
authdialogue(struct attempt *a, const struct authrules_mechanisms *mechanisms)
{
	struct session *s = &a->session;
	unsigned failures = 0;
	bool renewed = false;
	size_t i;

	for (i = 0; i < mechanisms->count && failures < FAILURES_MAX; i++) {
		enum sasl_mechanism m = mechanisms->list[i];
		enum outcome outcome;

		if (!sasl_is_for(m, &a->task->route.credential) ||
		    !capabilities_have_auth(&s->offers, view_of(sasl_name(m))))
			continue;
		outcome = exchange_renewing(a, m, &renewed);
		if (outcome == OUTCOME_DIED) {
			attempt_report_death(a);
			return false;
		}
		if (outcome == OUTCOME_ACCEPTED) {
			detail_authenticated(a->detail, sasl_name(m));
			return true;
		}
		failures++;
		rejected(a, m);
		if (outcome == OUTCOME_DECEIVED || !is_worth_another(s, m))
			return false;
	}
	if (failures == 0)
		attempt_report(a, REPORT_LATER,
		    " but it offers no usable AUTH mechanism. (#4.7.9)", NULL);
	return false;
}
