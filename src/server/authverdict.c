#include "server/authverdict.h"

#include "auth/checkpassword.h"
#include "lib/fd.h"
#include "server/authlimit.h"
#include "server/authreplies.h"
#include "server/authvariables.h"
#include "server/log.h"
#include "server/sessionreply.h"

/* Children see who it is under each name that the patch sets gave it (inbound 1.2). */
static void
tell_children(struct session *s, enum sasl_mechanism mechanism)
{
	static const char *const user_names[] = { "TCPREMOTEINFO", "SMTPAUTHUSER",
		"SMTP_AUTH_USER", "AUTHUSER", "AUTHINFO" };
	struct view user = str_view(&s->auth.user),
		    method = view_of(sasl_mechanism_name(mechanism));
	struct env_list *env = session_environment(s);
	size_t i;

	for (i = 0; i < sizeof user_names / sizeof *user_names; i++)
		env_list_set(env, user_names[i], user);
	env_list_set(env, "SMTPAUTHMETHOD", method);
	env_list_set(env, "AUTHPROTOCOL", method);
	if (s->relay_client)
		env_list_set(env, "RELAYCLIENT", view_of(s->relay_client));
}

/* The password is right; but may this user have one more session?  False if that was answered. */
static bool
may_begin(struct session *s, const struct sasl_server *sasl)
{
	struct problem problem;

	switch (sessioncap_accepts_user(s, str_view(&sasl->user), &problem)) {
	case ANSWER_YES:
		return true;
	case ANSWER_NO:
		server_log_auth(s, "refused", sasl, "sessions");
		session_reply(s, REPLY_AUTH_SESSIONS);
		return false;
	case ANSWER_ERROR:
		session_no_controls(s, &problem);
	}
	return false;
}

static void
accept_user(struct session *s, const struct sasl_server *sasl, bool may_relay)
{
	if (!may_begin(s, sasl))
		return;
	authlimit_succeeded(s, str_view(&sasl->user));
	if (!spp_accepts_auth(
		s, str_view(&sasl->user), sasl_mechanism_name(sasl->mechanism)))
		return;
	s->auth.done = true;
	str_set(&s->auth.user, str_view(&sasl->user));
	if (may_relay)
		s->relay_client = "";
	s->auth.mechanism = sasl->mechanism;
	server_log_auth(s, "ok", sasl, NULL);
	if (!authvariables_apply(s))
		return;
	tell_children(s, sasl->mechanism);
	session_reply(s, REPLY_AUTH_OK);
}

/* Slow a guesser down, longer each time, and end it after a few.  `in_store` are the failures of all
 * its sessions, as far as they are known.  False if it was ended. */
static bool
slow_down(struct session *s, uint64_t in_store)
{
	uint64_t delays = authlimit_delays(++s->auth.failures, in_store);
	uint64_t delay_ms = s->settings->limits.auth_delay_ms * delays;

	writer_flush(&s->writer);
	fd_wait_readable(
	    s->sigterm_fd, deadline_sooner(s->end, deadline_in_ms((int64_t)delay_ms)));
	if (s->auth.failures >= s->settings->auth_guesses) {
		session_reply(s, REPLY_TOO_MANY_GUESSES);
		session_close(s, "auth-guesses");
		return false;
	}
	return true;
}

static void
refuse_user(struct session *s, const struct sasl_server *sasl)
{
	struct reply reply;
	uint64_t failures;

	server_log_auth(s, "failed", sasl, NULL);
	/* Counted first: others may guess meanwhile. */
	failures = authlimit_failed(s, str_view(&sasl->user));
	if (slow_down(s, failures)) {
		reply = authreplies_of(s->settings->dialect, AUTH_WRONG_PASSWORD);
		session_reply_with(s, &reply);
	}
}

/* After too many failures, maybe in other sessions: whether the password is right is not said. */
static void
refuse_unheard(struct session *s, const struct sasl_server *sasl)
{
	server_log_auth(s, "refused", sasl, s->authlimit.who);
	if (slow_down(s, 0))
		session_reply(s, REPLY_AUTH_REFUSED);
}

/* `reason` is for the admin, who cannot tell from the reply what to mend. */
static void
refuse_for_now(struct session *s, const struct sasl_server *sasl, enum reply_name reply,
    const char *reason)
{
	server_log_auth(s, "error", sasl, reason);
	session_reply(s, reply);
}

static enum check_result
ask_checker(struct session *s, const struct sasl_server *sasl)
{
	const struct checkprogram *program = &s->settings->auth.program;
	char *const *argv =
	    sasl->mechanism == SASL_CRAM_MD5 ? program->cram : program->plain;
	enum check_result result;

	session_sigterm_kills(s, true);
	result = checkpassword_run(argv, str_view(&sasl->user), str_view(&sasl->second),
	    str_view(&sasl->third), deadline_in_ms(s->reader.timeout_ms),
	    &s->auth.senders);
	session_sigterm_kills(s, false);
	return result;
}

static void
check_password(struct session *s, const struct sasl_server *sasl)
{
	switch (ask_checker(s, sasl)) {
	case CHECK_ACCEPTED:
		accept_user(s, sasl, true);
		return;
	case CHECK_NO_RELAY:
		if (s->settings->dialect == DIALECT_INDIMAIL)
			accept_user(s, sasl, false);
		else
			refuse_user(s, sasl);
		return;
	case CHECK_REFUSED:
		refuse_user(s, sasl);
		return;
	case CHECK_MALFORMED:
		session_reply(s, REPLY_AUTH_MALFORMED);
		return;
	case CHECK_NO_PIPE:
		refuse_for_now(s, sasl, REPLY_AUTH_NO_PIPE, "no pipe");
		return;
	case CHECK_NO_CHILD:
		refuse_for_now(s, sasl, REPLY_AUTH_NO_CHILD, "checker cannot be started");
		return;
	case CHECK_NO_WRITE:
		refuse_for_now(s, sasl, REPLY_AUTH_NO_WRITE, "no pipe");
		return;
	case CHECK_TROUBLE:
		refuse_for_now(s, sasl, REPLY_AUTH_TROUBLE, "checker could not find out");
		return;
	case CHECK_CRASHED:
		refuse_for_now(s, sasl, REPLY_AUTH_TROUBLE, "checker killed or too slow");
	}
}

void
authverdict_reach(struct session *s, const struct sasl_server *sasl)
{
	struct problem problem;

	switch (authlimit_refuses(s, str_view(&sasl->user), &problem)) {
	case ANSWER_NO:
		check_password(s, sasl);
		return;
	case ANSWER_YES:
		refuse_unheard(s, sasl);
		return;
	case ANSWER_ERROR:
		session_no_controls(s, &problem);
	}
}
