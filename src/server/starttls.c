#include "server/starttls.h"

#include <sys/stat.h>
#include <unistd.h>

#include "config/present.h"
#include "lib/fd.h"
#include "lib/scan.h"
#include "server/commands.h"
#include "server/log.h"
#include "server/sessionreply.h"
#include "server/ucspi.h"

/* --- what the environment wants ------------------------------------------------------------------- */

static bool
is_set(const char *name)
{
	const char *value = env_value(name);

	return value && *value;
}

static bool
is_number(const char *name) /* set, and at least 1 */
{
	uint64_t number = 0;

	scan_u64(view_of(env_value(name)), &number);
	return number > 0;
}

static bool
is_forbidden(const struct session *s)
{
	return s->settings->strict || is_number("DISABLETLS") || is_number("DENY_TLS");
}

/* Where the certificate is; TLS_SERVER_CERT and its kin name another place. */
static const char *
certificate(const struct session *s)
{
	const char *path = env_value("TLS_SERVER_CERT");

	if (!path && s->settings->dialect == DIALECT_INDIMAIL)
		path = env_value("SERVERCERT");
	if (!path && s->settings->dialect == DIALECT_LDAP)
		path = env_value("SSLCERT");
	return path && *path ? path : "control/servercert.pem";
}

static bool
exists(const char *path)
{
	struct stat st;

	return present_may_be(path) && stat(path, &st) == 0;
}

/* --- offered? ----------------------------------------------------------------------------------------- */

static void
log_missing(struct session *s, const char *helper, const char *file, const char *reason)
{
	struct log_line line;

	log_begin(&line, &s->log, helper ? LOG_HELPER : LOG_CONFIG);
	log_add_text(&line, helper ? KEY_HELPER : KEY_FILE, helper ? helper : file);
	log_add_text(&line, KEY_REASON, reason);
	log_end(&line);
}

/* qmail-tls can serve when there is a certificate, and a helper that runs or can be started. */
static bool
has_helper(struct session *s, bool is_wanted)
{
	if (!exists(certificate(s))) {
		if (is_wanted)
			log_missing(
			    s, NULL, certificate(s), "missing, but TLS is wanted");
		return false;
	}
	if (exists("run/tls/sock") || access("bin/qmail-tls", X_OK) == 0)
		return true;
	log_missing(s, "qmail-tls", NULL, "not installed, but there is a certificate");
	return false;
}

static enum tls_offer
look(struct session *s)
{
	if (is_forbidden(s))
		return TLS_NOT_OFFERED;
	if (ucspi_is_offered())
		return TLS_BY_UCSPI;
	return has_helper(s, ucspi_is_required() || s->settings->submission)
	    ? TLS_BY_HELPER
	    : TLS_NOT_OFFERED;
}

bool
starttls_is_offered(struct session *s)
{
	/* Where a server in front of us does it, nothing is missing here. */
	if (s->tls.active)
		return false;
	if (!s->tls.looked)
		s->tls.offer = look(s);
	s->tls.looked = true;
	return s->tls.offer != TLS_NOT_OFFERED;
}

/* --- required? ---------------------------------------------------------------------------------------- */

/* The reply to a command that needs TLS, by dialect; no row: RFC 3207's. */
static const struct {
	unsigned code;
	const char *status, *text;
	bool only_mail; /* the dialect asks at MAIL and nowhere else */
} wants_tls[] = {
	[DIALECT_JMS1] = { 503, "5.5.1", "STARTTLS first", true },
	[DIALECT_SQMAIL] = { 535, "5.7.1", "STARTTLS required", false },
	[DIALECT_INDIMAIL] = { 530, "5.7.0", "must issue STARTTLS first", false },
	[DIALECT_LDAP] = { 0 },
};

static bool
has_force_tls(const struct session *s)
{
	enum dialect dialect = s->settings->dialect;

	return (dialect == DIALECT_JMS1 || dialect == DIALECT_INDIMAIL) &&
	    is_number("FORCE_TLS");
}

bool
starttls_refuses(struct session *s, bool is_mail)
{
	enum dialect dialect = s->settings->dialect;
	struct ruling why = { .reply = reply_named(REPLY_WANT_TLS), .check = "tls" };

	if (s->tls.active || s->settings->strict ||
	    (!has_force_tls(s) && !ucspi_is_required() && !s->settings->submission))
		return false;
	if (wants_tls[dialect].only_mail && !is_mail)
		return false;
	if (wants_tls[dialect].code)
		reply_set(&why.reply, wants_tls[dialect].code, wants_tls[dialect].status,
		    wants_tls[dialect].text);
	session_refuse_with(s, &why);
	return true;
}

/* --- the handshake ------------------------------------------------------------------------------------- */

/* The peer will hear nothing more from us: what we would say in clear is protocol garbage (D17). */
static void
fail(struct session *s, struct view reason)
{
	server_log_tls(s, "failed", reason);
	session_close(s, "tls");
}

static bool
start_helper(struct session *s)
{
	const struct tls_server_request request = { SESSION_IN, SESSION_OUT,
		certificate(s), env_value("TLSCIPHERS"), s->sid, s->reader.timeout_ms };
	struct str reason = { 0 };
	int plain = tls_server_start(&s->tls.server, &request,
	    deadline_in_ms(s->reader.timeout_ms), &s->tls.facts, &reason);

	if (plain < 0) {
		fail(s, str_view(&reason));
	} else {
		dup2(plain, SESSION_IN);
		dup2(plain, SESSION_OUT);
		fd_close(&plain);
	}
	str_free(&reason);
	return !s->over;
}

static bool
start_ucspi(struct session *s)
{
	bool has_client_certificate = false;
	struct env_list *env = session_environment(s);

	if (ucspi_start(env, deadline_in_ms(s->reader.timeout_ms), &s->tls.facts,
		&has_client_certificate) < 0) {
		fail(s, VIEW("the UCSPI-TLS server did not switch"));
		return false;
	}
	if (has_client_certificate && ucspi_relays_certificates())
		s->relay_client = "";
	return true;
}

/* Nothing that came in clear is a command any more (CVE-2011-0411). */
static void
drop_clear_text(struct session *s)
{
	size_t dropped = reader_discard(&s->reader);

	if (dropped)
		server_log_dropped(s, "clear text behind STARTTLS", dropped);
}

/* Everything is forgotten first: what the server tells of the client is to stay. */
static bool
start(struct session *s)
{
	bool started;

	session_begin_anew(s);
	session_sigterm_kills(s, true);
	if (s->is_rehearsal)
		started = true;
	else
		started = s->tls.offer == TLS_BY_UCSPI ? start_ucspi(s) : start_helper(s);
	session_sigterm_kills(s, false);
	if (!started)
		return false;
	s->tls.active = true;
	server_log_tls(s, "ok", VIEW(""));
	return true;
}

/* --- STARTTLS -------------------------------------------------------------------------------------------- */

static bool
is_helper_ready(struct session *s, struct str *reason)
{
	return s->tls.offer == TLS_BY_UCSPI || s->is_rehearsal ||
	    tls_server_ready(&s->tls.server, certificate(s),
		deadline_in_ms((int64_t)s->settings->limits.helper_start_ms),
		reason) == 0;
}

static void
refuse_for_now(struct session *s, struct view reason)
{
	struct str text = { 0 };

	server_log_tls(s, "unavailable", reason);
	str_append_text(&text,
	    s->settings->dialect == DIALECT_JMS1 ? "TLS not available: "
						 : "TLS unable to initialize ctx: ");
	str_append(&text, reason);
	session_reply_with(s, &(struct reply) { 454, str_view(&text), VIEW("4.3.0") });
	str_free(&text);
}

static void
refuse_always(struct session *s)
{
	struct reply reply = { 454, VIEW("TLS not available: TLS already active (4.3.0)"),
		VIEW("") };

	if (s->tls.active && s->settings->dialect == DIALECT_JMS1)
		session_reply_with(s, &reply);
	else
		commands_refuse_verb(s);
}

static void
say_ready(struct session *s)
{
	struct reply reply = reply_named(REPLY_READY_FOR_TLS);

	if (s->settings->dialect == DIALECT_SQMAIL)
		reply_set(&reply, 220, "5.7.0", "Ready to start TLS");
	session_reply_with(s, &reply);
}

void
starttls_run(struct session *s, struct view argument)
{
	struct str reason = { 0 };

	if (!starttls_is_offered(s)) {
		refuse_always(s);
	} else if (argument.len > 0) {
		session_reply(s, REPLY_NO_PARAMETERS);
	} else if (s->tls.offer == TLS_BY_UCSPI && !s->is_rehearsal &&
	    !ucspi_has_descriptors()) {
		session_reply(s, REPLY_NO_TLS_NOW);
		session_close(s, "tls");
	} else if (!is_helper_ready(s, &reason)) {
		refuse_for_now(s, str_view(&reason));
	} else {
		say_ready(s);
		if (writer_flush(&s->writer) < 0) {
			session_lost(s, READER_WRITE_ERROR);
		} else {
			drop_clear_text(s);
			start(s);
		}
	}
	str_free(&reason);
}

/* --- before the greeting ----------------------------------------------------------------------------------- */

bool
starttls_before_greeting(struct session *s)
{
	if (s->settings->strict)
		return true;
	if (s->settings->dialect == DIALECT_JMS1 && has_force_tls(s) &&
	    is_number("DENY_TLS")) {
		session_reply(s, REPLY_FORCED_AND_DENIED);
		session_close(s, "tls");
		return false;
	}
	if (is_number("SSL")) {
		s->tls.active = true;
		ucspi_facts_from_environment(&s->tls.facts);
		return true;
	}
	if (!is_set("SMTPS"))
		return true;
	s->tls.looked = true;
	s->tls.offer = has_helper(s, true) ? TLS_BY_HELPER : TLS_NOT_OFFERED;
	if (s->tls.offer == TLS_NOT_OFFERED) {
		session_close(s, "tls");
		return false;
	}
	return start(s);
}

/* A helper that was started for this session still sends our last octets to a client that may be
 * slow: it ends by itself when the plaintext is closed, and is not waited for. */
void
starttls_end(struct session *s)
{
	tls_facts_free(&s->tls.facts);
	fd_close(&s->tls.server.helper.fd);
}
