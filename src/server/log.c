#include "server/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/control.h"
#include "os/os.h"
#include "server/logentry.h"

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

/* --- events that our own lines leave out ------------------------------------------------------------ */

void
server_log_connect(struct session *s)
{
	struct logevent e;

	if (!logentry_has_dialect(s))
		return;
	e = logentry_of(s, LOGEVENT_CONNECT, LOGEVENT_ELSEWHERE);
	logentry_write(s, &e);
}

void
server_log_greeting(struct session *s, uint64_t seconds)
{
	struct logevent e;

	if (!logentry_has_dialect(s))
		return;
	e = logentry_of(s, LOGEVENT_GREETING, LOGEVENT_ELSEWHERE);
	e.seconds = seconds;
	logentry_write(s, &e);
}

void
server_log_sender(struct session *s)
{
	struct logevent e;

	if (!logentry_has_dialect(s))
		return;
	e = logentry_of(s, LOGEVENT_SENDER, LOGEVENT_AT_MAIL);
	logentry_write(s, &e);
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

	if (!logentry_has_dialect(s))
		return;
	e = logentry_of(s, LOGEVENT_RCPT, LOGEVENT_AT_RCPT);
	e.known_by = s->known_by;
	e.is_local = is_local(s);
	s->transaction.last->is_local = e.is_local == LOCAL_YES;
	logentry_write(s, &e);
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
	e = logentry_of(s, LOGEVENT_REFUSE, s->place);
	e.why = why;
	add_findings(&e, s);
	if (logentry_has_dialect(s))
		e.rule = rule_of(s, why);
	if (s->place == LOGEVENT_AT_RCPT && logentry_has_dialect(s))
		e.is_local = is_local(s);
	logentry_write(s, &e);
}

void
server_log_message_refusal(struct session *s, const struct ruling *why, pid_t qp)
{
	struct logevent e = logentry_of(s, LOGEVENT_REFUSE, LOGEVENT_AT_DATA);

	e.why = why;
	e.transaction = &s->transaction;
	e.qp = (uint64_t)qp;
	e.octets = s->message.text.octets;
	add_findings(&e, s);
	logentry_write(s, &e);
}

/* --- the others ------------------------------------------------------------------------------------- */

void
server_log_accept(struct session *s, pid_t qp, uint64_t octets)
{
	struct logevent e = logentry_of(s, LOGEVENT_ACCEPT, LOGEVENT_AT_DATA);

	e.transaction = &s->transaction;
	e.qp = (uint64_t)qp;
	e.octets = octets;
	e.ms = (uint64_t)(os_monotonic_ms() - s->mail_began_ms);
	logentry_write(s, &e);
}

void
server_log_end(struct session *s, const char *reason)
{
	struct logevent e = logentry_of(s, LOGEVENT_END, s->place);

	e.reason = view_of(reason);
	e.ms = (uint64_t)(os_monotonic_ms() - s->began_ms);
	logentry_write(s, &e);
}

void
server_log_auth(struct session *s, const char *result, const struct sasl_server *sasl,
    const char *reason)
{
	struct logevent e = logentry_of(s, LOGEVENT_AUTH, LOGEVENT_ELSEWHERE);

	e.result = result;
	e.login = str_view(&sasl->user);
	e.mechanism = view_of(sasl_mechanism_name(sasl->mechanism));
	e.reason = view_of(reason);
	logentry_write(s, &e);
}

void
server_log_tls(struct session *s, const char *result, struct view reason)
{
	struct logevent e = logentry_of(s, LOGEVENT_TLS, LOGEVENT_ELSEWHERE);

	e.result = result;
	e.reason = reason;
	logentry_write(s, &e);
}

void
server_log_spf(struct session *s, const struct spf_verdict *verdict)
{
	struct logevent e = logentry_of(s, LOGEVENT_SPF, LOGEVENT_AT_MAIL);

	if (verdict->wrong_local.len)
		log_warning(&s->log, "ignored: a term of spfrules or spfguess",
		    verdict->wrong_local);
	e.result = spf_result_text(verdict->result);
	e.term = verdict->term;
	e.reason = view_of(verdict->reason);
	logentry_write(s, &e);
}

void
server_log_dnscheck(struct session *s, const char *check, const char *result,
    struct view host, struct view text)
{
	struct logevent e = logentry_of(s, LOGEVENT_DNSCHECK, s->place);

	e.check = check;
	e.result = result;
	e.host = host;
	e.reason = text;
	logentry_write(s, &e);
}

void
server_log_command(struct session *s, struct view verb)
{
	struct logevent e;

	if (s->log.level < LEVEL_COMMANDS && !logentry_has_dialect(s))
		return;
	e = logentry_of(s, LOGEVENT_COMMAND, s->place);
	e.verb = verb;
	e.code = s->code;
	logentry_write(s, &e);
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
