#include "server/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config/control.h"
#include "lib/fd.h"
#include "lib/scan.h"
#include "os/os.h"
#include "server/logdialect/logdialect.h"

enum { LEVEL_COMMANDS = 2 };

/* --- the descriptor --------------------------------------------------------------------------------- */

static bool
is_same_file(const struct stat *a, int fd)
{
	struct stat b;

	return fstat(fd, &b) == 0 && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

void
server_log_detach(void)
{
	struct stat log;
	int null;

	if (fstat(STDERR_FILENO, &log) < 0 || !S_ISSOCK(log.st_mode) ||
	    (!is_same_file(&log, SESSION_IN) && !is_same_file(&log, SESSION_OUT)))
		return;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, STDERR_FILENO);
		close(null);
	}
}

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

/* Are there lines of another dialect than ours? */
static bool
has_dialect(struct session *s)
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

static struct logevent
event_of(struct session *s, enum logevent_kind kind, enum logevent_place place)
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

static void
tell(struct session *s, struct logevent *e)
{
	struct str lines = { 0 };

	if (s->log.level == 0)
		return;
	if (!has_dialect(s) || s->logdialect.is_besides)
		logdialect_project(e, &lines);
	if (has_dialect(s)) {
		add_environment(e);
		s->logdialect.format(e, &lines);
	}
	write_lines(s, str_view(&lines));
	str_free(&lines);
}

/* --- events that our own lines leave out ------------------------------------------------------------ */

void
server_log_connect(struct session *s)
{
	struct logevent e;

	if (!has_dialect(s))
		return;
	e = event_of(s, LOGEVENT_CONNECT, LOGEVENT_ELSEWHERE);
	tell(s, &e);
}

void
server_log_greeting(struct session *s, uint64_t seconds)
{
	struct logevent e;

	if (!has_dialect(s))
		return;
	e = event_of(s, LOGEVENT_GREETING, LOGEVENT_ELSEWHERE);
	e.seconds = seconds;
	tell(s, &e);
}

void
server_log_sender(struct session *s)
{
	struct logevent e;

	if (!has_dialect(s))
		return;
	e = event_of(s, LOGEVENT_SENDER, LOGEVENT_AT_MAIL);
	tell(s, &e);
}

static enum logevent_local
is_local(struct session *s)
{
	struct problem problem;

	return policy_takes_host(&s->settings->policy, &s->recipient, &problem) ==
		ANSWER_YES
	    ? LOCAL_YES
	    : LOCAL_NO;
}

void
server_log_recipient(struct session *s)
{
	struct logevent e;

	if (!has_dialect(s))
		return;
	e = event_of(s, LOGEVENT_RCPT, LOGEVENT_AT_RCPT);
	e.known_by = s->known_by;
	e.is_local = is_local(s);
	s->transaction.last->is_local = e.is_local == LOCAL_YES;
	tell(s, &e);
}

/* --- refusals --------------------------------------------------------------------------------------- */

/* What the DNS said, where that is why. */
static void
add_findings(struct logevent *e, const struct session *s)
{
	const struct dnsbl_decision *listed = s->dnschecks.decision;

	if (s->transaction.spf)
		e->result = spf_result_variable(s->transaction.spf->result);
	if (listed)
		e->host = listed->zone;
}

/* The line that decided, as it is in its file; it lives until the command is answered. */
static struct view
rule_of(struct session *s, const struct ruling *why)
{
	struct control_list list = { 0 };
	struct view rule = VIEW("");
	struct problem problem;
	size_t i;

	if (!why->line || control_list(why->file, &list, &problem) != ANSWER_YES)
		return rule;
	for (i = 0; i < list.count; i++)
		if (list.entries[i].line == why->line)
			rule = arena_copy(&s->scratch, list.entries[i].text);
	control_list_free(&list);
	return rule;
}

void
server_log_refusal(struct session *s, const struct ruling *why)
{
	struct logevent e;

	if (s->log.level == 0)
		return;
	e = event_of(s, LOGEVENT_REFUSE, s->place);
	e.why = why;
	add_findings(&e, s);
	if (has_dialect(s))
		e.rule = rule_of(s, why);
	if (s->place == LOGEVENT_AT_RCPT && has_dialect(s))
		e.is_local = is_local(s);
	tell(s, &e);
}

void
server_log_message_refusal(struct session *s, const struct ruling *why, pid_t qp)
{
	struct logevent e = event_of(s, LOGEVENT_REFUSE, LOGEVENT_AT_DATA);

	e.why = why;
	e.transaction = &s->transaction;
	e.qp = (uint64_t)qp;
	e.octets = s->message.text.octets;
	add_findings(&e, s);
	tell(s, &e);
}

/* --- the others ------------------------------------------------------------------------------------- */

void
server_log_accept(struct session *s, pid_t qp, uint64_t octets)
{
	struct logevent e = event_of(s, LOGEVENT_ACCEPT, LOGEVENT_AT_DATA);

	e.transaction = &s->transaction;
	e.qp = (uint64_t)qp;
	e.octets = octets;
	e.ms = (uint64_t)(os_monotonic_ms() - s->mail_began_ms);
	tell(s, &e);
}

void
server_log_end(struct session *s, const char *reason)
{
	struct logevent e = event_of(s, LOGEVENT_END, s->place);

	e.reason = view_of(reason);
	e.ms = (uint64_t)(os_monotonic_ms() - s->began_ms);
	tell(s, &e);
}

void
server_log_auth(struct session *s, const char *result, const struct sasl_server *sasl,
    const char *reason)
{
	struct logevent e = event_of(s, LOGEVENT_AUTH, LOGEVENT_ELSEWHERE);

	e.result = result;
	e.login = str_view(&sasl->user);
	e.mechanism = view_of(sasl_mechanism_name(sasl->mechanism));
	e.reason = view_of(reason);
	tell(s, &e);
}

void
server_log_tls(struct session *s, const char *result, struct view reason)
{
	struct logevent e = event_of(s, LOGEVENT_TLS, LOGEVENT_ELSEWHERE);

	e.result = result;
	e.reason = reason;
	tell(s, &e);
}

void
server_log_spf(struct session *s, const struct spf_verdict *verdict)
{
	struct logevent e = event_of(s, LOGEVENT_SPF, LOGEVENT_AT_MAIL);

	if (verdict->wrong_local.len)
		log_warning(&s->log, "ignored: a term of spfrules or spfguess",
		    verdict->wrong_local);
	e.result = spf_result_text(verdict->result);
	e.term = verdict->term;
	e.reason = view_of(verdict->reason);
	tell(s, &e);
}

void
server_log_dnscheck(struct session *s, const char *check, const char *result,
    struct view host, struct view text)
{
	struct logevent e = event_of(s, LOGEVENT_DNSCHECK, s->place);

	e.check = check;
	e.result = result;
	e.host = host;
	e.reason = text;
	tell(s, &e);
}

void
server_log_command(struct session *s, struct view verb)
{
	struct logevent e;

	if (s->log.level < LEVEL_COMMANDS && !has_dialect(s))
		return;
	e = event_of(s, LOGEVENT_COMMAND, s->place);
	e.verb = verb;
	e.code = s->code;
	tell(s, &e);
}

/* --- for whoever runs this host: ours in every dialect ---------------------------------------------- */

void
server_log_dropped(struct session *s, const char *why, uint64_t octets)
{
	struct log_line line;

	log_begin(&line, &s->log, LOG_WARNING);
	log_add_text(&line, KEY_TEXT, why);
	log_add_u64(&line, KEY_DROPPED, octets);
	log_end(&line);
}

void
server_log_by(struct session *s, const char *text, const struct ruling *where)
{
	struct log_line line;

	log_begin(&line, &s->log, LOG_WARNING);
	log_add_text(&line, KEY_TEXT, text);
	log_add_place(&line, KEY_BY, where->file, where->line);
	log_add(&line, KEY_FROM, s->from);
	if (s->to.len)
		log_add(&line, KEY_TO, s->to);
	log_end(&line);
}

void
server_log_scan(struct session *s, const char *check, const char *result,
    struct view score, struct view text)
{
	struct log_line line;

	log_begin(&line, &s->log, LOG_SCAN);
	log_add_text(&line, KEY_CHECK, check);
	log_add_text(&line, KEY_RESULT, result);
	if (score.len)
		log_add(&line, KEY_SCORE, score);
	log_add(&line, KEY_FROM, s->transaction.sender.whole);
	if (text.len)
		log_add(&line, KEY_TEXT, text);
	log_end(&line);
}
