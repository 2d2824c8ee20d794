#include "server/authdialogue.h"

#include <time.h>
#include <unistd.h>

#include "auth/senders.h"
#include "os/os.h"
#include "server/authoffer.h"
#include "server/authreplies.h"
#include "server/authvariables.h"
#include "server/authverdict.h"
#include "server/sessionreply.h"

/* --- what MAIL asks ------------------------------------------------------------------------------------- */

bool
auth_refuses_mail(struct session *s)
{
	struct ruling why = { .check = "auth" };

	if (!s->settings->auth.required || s->auth.done)
		return false;
	why.reply = authreplies_of(s->settings->dialect, AUTH_WANTED);
	session_refuse_with(s, &why);
	return true;
}

bool
auth_refuses_sender(struct session *s, const struct address *sender)
{
	const char *check = NULL;

	if (!s->auth.done)
		return false;
	if (s->settings->auth.same_sender &&
	    !view_equal(sender->whole, str_view(&s->auth.user)))
		check = "forceauthmailfrom";
	else if (!senders_allow(
		     str_view(&s->auth.senders), sender->local, sender->domain))
		check = "senders";
	if (check)
		session_refuse(s, REPLY_NOT_THE_USER, check);
	return check != NULL;
}

/* --- the exchange ----------------------------------------------------------------------------------------- */

static void
say(struct session *s, enum auth_reply name)
{
	struct reply reply = authreplies_of(s->settings->dialect, name);

	session_reply_with(s, &reply);
}

static void
ask(struct session *s, const struct sasl_server *sasl)
{
	struct reply reply = { 334, str_view(&sasl->challenge), VIEW("") };

	session_reply_with(s, &reply);
}

/* The client's next line, without its line end.  False when that was answered: too long, or the
 * session is over. */
static bool
read_answer(struct session *s, struct view *answer)
{
	enum reader_status status = session_read_line(s);

	if (status == READER_TOO_LONG) {
		session_reply(s, REPLY_LINE_TOO_LONG);
		return false;
	}
	if (status != READER_OK) {
		session_lost(s, status);
		return false;
	}
	*answer = view_first(str_view(&s->line), s->line.len - 1);
	if (answer->len > 0 && answer->at[answer->len - 1] == '\r')
		answer->len--;
	return true;
}

static void
converse(struct session *s, struct sasl_server *sasl, enum sasl_step step)
{
	struct view answer;

	while (step == SASL_ASK) {
		ask(s, sasl);
		if (!read_answer(s, &answer))
			return;
		step = sasl_server_line(sasl, answer);
	}
	if (step == SASL_COMPLETE)
		authverdict_reach(s, sasl);
	else if (step == SASL_CANCELED)
		say(s, AUTH_CANCELED);
	else
		session_reply(s, REPLY_AUTH_MALFORMED);
}

static struct sasl_nonce
make_nonce(const struct session *s)
{
	const char *hostname = s->settings->auth.program.hostname;
	enum dialect dialect = s->settings->dialect;
	struct sasl_nonce nonce = { .now = (int64_t)time(NULL),
		.pid = getpid(),
		.host = hostname ? view_of(hostname) : s->peer->local,
		.challenge_first = dialect == DIALECT_INDIMAIL,
		.split_at_first = dialect == DIALECT_JMS1 };

	os_random(nonce.random, sizeof nonce.random);
	return nonce;
}

void
auth_wipe(struct session *s)
{
	if (s->line.at)
		os_wipe(s->line.at, s->line.size);
	str_clear(&s->line);
	reader_wipe(&s->reader);
}

void
auth_run(struct session *s, struct view argument)
{
	struct view name = view_first(argument, view_index(argument, ' '));
	struct view initial = view_trim_left(view_from(argument, name.len));
	struct sasl_nonce nonce;
	struct sasl_server sasl;
	enum sasl_mechanism mechanism;

	if (authoffer_refuses(s))
		return;
	if (!sasl_mechanism_of(name, &mechanism) ||
	    !s->settings->auth.offers[mechanism]) {
		say(s, AUTH_UNKNOWN_MECHANISM);
		return;
	}
	if (authoffer_needs_tls(s, mechanism)) {
		session_reply(s, REPLY_AUTH_NEEDS_TLS);
		return;
	}
	nonce = make_nonce(s);
	converse(s, &sasl,
	    sasl_server_start(&sasl, mechanism, &nonce, initial.len ? &initial : NULL));
	sasl_server_end(&sasl);
}

void
auth_forget(struct session *s)
{
	if (!s->auth.done)
		return;
	authvariables_undo(s);
	s->relay_client = s->settings->relay_client;
	s->auth.done = false;
	str_clear(&s->auth.user);
	str_clear(&s->auth.senders);
	env_list_free(&s->environment);
}
