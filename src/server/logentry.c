#include "server/logentry.h"

#include <time.h>
#include <unistd.h>

#include "config/control.h"
#include "lib/fd.h"
#include "lib/scan.h"
#include "server/logdialect/logdialect.h"

/* --- which lines ---------------------------------------------------------------------------------- */

/* $LOGDIALECT or control/logdialect: a dialect, or '+' and a dialect.  Mail is taken all the same if
 * there is no such word. */
static void
read_dialect(struct session *s)
{
	const char *variable = env_value("LOGDIALECT");
	struct session_logdialect *dialect = &s->logdialect;
	struct problem problem = { 0 };
	struct str line = { 0 };
	struct view name;

	dialect->known = true;
	if (variable)
		str_append_text(&line, variable);
	else if (control_line("control/logdialect", &line, &problem) == ANSWER_ERROR)
		log_problem(&s->log, &problem);
	name = str_view(&line);
	dialect->is_besides = view_starts(name, VIEW("+"));
	name = view_from(name, dialect->is_besides);
	if (name.len > 0)
		dialect->format = logdialect_find(name);
	if (name.len > 0 && !dialect->format) {
		problem_note(&problem, variable ? "LOGDIALECT" : "control/logdialect",
		    variable ? 0 : 1, "no such word", 0);
		log_problem(&s->log, &problem);
	}
	if (dialect->format == logdialect_project)
		dialect->format = NULL;
	str_free(&line);
}

bool
logentry_has_dialect(struct session *s)
{
	if (s->log.level == 0)
		return false;
	if (!s->logdialect.known)
		read_dialect(s);
	return s->logdialect.format != NULL;
}

/* --- what is known -------------------------------------------------------------------------------- */

static uint64_t
number_of(const char *variable, uint64_t preset)
{
	const char *value = env_value(variable);
	uint64_t number = 0;

	if (!value)
		return preset;
	scan_u64(view_of(value), &number);
	return number;
}

/* What only other dialects want. */
static void
add_environment(struct logevent *e)
{
	enum { LDAP_LEVEL = 2 };
	const char *smtps = env_value("SMTPS");

	e->remote_port = view_of(env_value("TCPREMOTEPORT"));
	e->local_ip = view_of(env_value("TCPLOCALIP"));
	e->local_port = view_of(env_value("TCPLOCALPORT"));
	e->is_implicit_tls = e->has_tls && smtps && *smtps;
	e->wants_rule = env_value("LOGREGEX") != NULL;
	e->wants_mail = number_of("QMAILSMTPD_LOG_MAIL", 0) > 0;
	e->wants_rcpt = number_of("QMAILSMTPD_LOG_RCPT", 0) > 0;
	e->level = number_of("LOGLEVEL", LDAP_LEVEL);
	e->identity = view_of(env_value("CHKUSER_IDENTIFY"));
}

/* The command that is answered, or what is open. */
static void
add_envelope(struct logevent *e, const struct session *s)
{
	const struct transaction *t = &s->transaction;

	e->sender = e->place == LOGEVENT_AT_MAIL ? s->from : t->sender.whole;
	if (e->place == LOGEVENT_AT_RCPT || s->to.len)
		e->recipient = s->to;
	else if (e->place != LOGEVENT_AT_MAIL && t->first)
		e->recipient = t->first->address;
	e->passed_spf = t->spf && t->spf->result == SPF_PASS;
}

static void
add_tls(struct logevent *e, const struct session *s)
{
	const struct tls_facts *facts = &s->tls.facts;

	e->has_tls = s->tls.active;
	e->is_verified = facts->verified && facts->peer.len > 0;
	e->proto = str_view(&facts->protocol);
	e->cipher = str_view(&facts->cipher);
}

struct logevent
logentry_of(struct session *s, enum logevent_kind kind, enum logevent_place place)
{
	struct logevent e = { .kind = kind,
		.place = place,
		.log = &s->log,
		.pid = (uint64_t)getpid(),
		.now = (int64_t)time(NULL),
		.remote_host = s->peer->host,
		.remote_info = s->peer->info,
		.local = s->peer->local,
		.helo = str_view(&s->helo),
		.is_relay_client = s->relay_client != NULL };

	if (s->auth.done) {
		e.user = str_view(&s->auth.user);
		e.method = view_of(sasl_mechanism_name(s->auth.mechanism));
	}
	add_tls(&e, s);
	add_envelope(&e, s);
	return e;
}

/* Each line with a write of its own: so it stays whole among those of other sessions. */
static void
write_lines(const struct session *s, struct view lines)
{
	while (lines.len > 0) {
		size_t end = view_index(lines, '\n') + 1;

		fd_write_all(s->log.fd, view_first(lines, end));
		lines = view_from(lines, end);
	}
}

void
logentry_write(struct session *s, struct logevent *e)
{
	struct str lines = { 0 };

	if (s->log.level == 0)
		return;
	if (!logentry_has_dialect(s) || s->logdialect.is_besides)
		logdialect_project(e, &lines);
	if (logentry_has_dialect(s)) {
		add_environment(e);
		s->logdialect.format(e, &lines);
	}
	write_lines(s, str_view(&lines));
	str_free(&lines);
}
