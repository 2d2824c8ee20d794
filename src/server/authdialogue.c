#include "server/authdialogue.h"

#include <time.h>
#include <unistd.h>

#include "auth/checkpassword.h"
#include "auth/senders.h"
#include "lib/fd.h"
#include "os/os.h"
#include "server/authlimit.h"
#include "server/authvariables.h"
#include "server/commands.h"
#include "server/log.h"
#include "server/starttls.h"

/* --- replies that differ by dialect --------------------------------------------------------------- */

struct text {
	unsigned code;
	const char *status, *text;
};

static const struct text wrong_password[] = {
	[DIALECT_NOTQMAIL] = { 535, "5.7.1", "authentication failed" },
	[DIALECT_SAGREDO] = { 535, "5.7.1", "authentication failed" },
	[DIALECT_JMS1] = { 535, "5.7.0", "authorization failed" },
	[DIALECT_SQMAIL] = { 535, "5.7.1", "authentication failed" },
	[DIALECT_INDIMAIL] = { 535, "5.7.1", "authorization failed" },
	[DIALECT_LDAP] = { 535, "5.7.1", "authentication failed" },
};

static const struct text unknown_mechanism[] = {
	[DIALECT_NOTQMAIL] = { 504, "5.5.1", "auth type unimplemented" },
	[DIALECT_SAGREDO] = { 504, "5.5.1", "auth type invalid" },
	[DIALECT_JMS1] = { 504, "5.5.1", "auth type not available" },
	[DIALECT_SQMAIL] = { 504, "5.5.1", "auth type unimplemented" },
	[DIALECT_INDIMAIL] = { 504, "5.5.1", "auth type unimplemented" },
	[DIALECT_LDAP] = { 504, "5.5.1", "auth type unimplemented" },
};

/* sagredo's really ends with a space. */
static const struct text wants_auth[] = {
	[DIALECT_NOTQMAIL] = { 530, NULL, "5.7.0 Authentication required" },
	[DIALECT_SAGREDO] = { 530, NULL, "Authorization required (#5.7.1) " },
	[DIALECT_JMS1] = { 503, "5.5.1", "AUTH first" },
	[DIALECT_SQMAIL] = { 535, "5.7.1", "authentication required" },
	[DIALECT_INDIMAIL] = { 530, "5.7.1", "authentication required" },
	[DIALECT_LDAP] = { 530, NULL, "5.7.0 Authentication required" },
};

static const struct text canceled[] = {
	[DIALECT_NOTQMAIL] = { 501, "5.0.0", "auth exchange canceled" },
	[DIALECT_SAGREDO] = { 501, "5.0.0", "auth exchange canceled" },
	[DIALECT_JMS1] = { 501, "5.0.0", "auth exchange cancelled" },
	[DIALECT_SQMAIL] = { 501, "5.0.0", "auth exchange canceled" },
	[DIALECT_INDIMAIL] = { 501, "5.0.0", "auth exchange cancelled" },
	[DIALECT_LDAP] = { 501, "5.0.0", "auth exchange canceled" },
};

static struct reply
text_of(const struct session *s, const struct text texts[])
{
	const struct text *t = &texts[s->settings->dialect];
	struct reply reply;

	reply_set(&reply, t->code, t->status, t->text);
	return reply;
}

static void
say(struct session *s, const struct text texts[])
{
	struct reply reply = text_of(s, texts);

	session_reply_with(s, &reply);
}

/* --- may it be used now? ------------------------------------------------------------------------------ */

/* A password in clear is asked for only where TLS cannot be had, or the admin said so. */
static bool
needs_tls(struct session *s, enum sasl_mechanism mechanism)
{
	const struct auth_rules *rules = &s->settings->auth;

	if (s->tls.active)
		return false;
	if (rules->only_in_tls)
		return true;
	if (rules->in_clear)
		return false;
	if (s->settings->dialect == DIALECT_JMS1)
		return mechanism != SASL_CRAM_MD5;
	return starttls_is_offered(s);
}

static bool
is_offered(struct session *s, enum sasl_mechanism mechanism)
{
	return s->settings->auth.offers[mechanism] && !needs_tls(s, mechanism);
}

/* The order of words is the dialect's (inbound 2.4). */
static const enum sasl_mechanism *
order_of(enum dialect dialect)
{
	static const enum sasl_mechanism cram_second[] = { SASL_LOGIN, SASL_CRAM_MD5,
		SASL_PLAIN };
	static const enum sasl_mechanism cram_last[] = { SASL_LOGIN, SASL_PLAIN,
		SASL_CRAM_MD5 };

	return dialect == DIALECT_JMS1 ? cram_second : cram_last;
}

void
auth_append_keyword(struct session *s, struct str *out)
{
	const enum sasl_mechanism *order = order_of(s->settings->dialect);
	int i;

	if (!s->settings->auth.on || s->auth.done)
		return;
	for (i = 0; i < SASL_MECHANISMS; i++) {
		if (!is_offered(s, order[i]))
			continue;
		if (out->len == 0)
			str_append_text(out, "AUTH");
		str_append_byte(out, ' ');
		str_append_text(out, sasl_mechanism_name(order[i]));
	}
}

/* True if the command is answered here: it cannot be used, or not now. */
static bool
is_refused(struct session *s)
{
	const struct auth_rules *rules = &s->settings->auth;

	if (!rules->known) {
		commands_refuse_verb(s);
	} else if (!rules->on) {
		if (rules->program.unsafe)
			log_warning(&s->log, rules->program.unsafe,
			    view_of(rules->program.plain[0]));
		session_reply(s, REPLY_NO_AUTH);
	} else if (s->auth.done) {
		session_reply(s, REPLY_AUTH_DONE);
	} else if (s->transaction.open) {
		session_reply(s, REPLY_NO_AUTH_NOW);
	} else {
		return false;
	}
	return true;
}

bool
auth_refuses_mail(struct session *s)
{
	struct ruling why = { .check = "auth" };

	if (!s->settings->auth.required || s->auth.done)
		return false;
	why.reply = text_of(s, wants_auth);
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

/* --- the verdict ---------------------------------------------------------------------------------------- */

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
	uint64_t failures;

	server_log_auth(s, "failed", sasl, NULL);
	/* Counted first: others may guess meanwhile. */
	failures = authlimit_failed(s, str_view(&sasl->user));
	if (slow_down(s, failures))
		say(s, wrong_password);
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

static void
check(struct session *s, const struct sasl_server *sasl)
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

/* --- the exchange ----------------------------------------------------------------------------------------- */

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
		check(s, sasl);
	else if (step == SASL_CANCELED)
		say(s, canceled);
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

	if (is_refused(s))
		return;
	if (!sasl_mechanism_of(name, &mechanism) ||
	    !s->settings->auth.offers[mechanism]) {
		say(s, unknown_mechanism);
		return;
	}
	if (needs_tls(s, mechanism)) {
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
