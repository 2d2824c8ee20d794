#include "server/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fmt.h"

enum { LEVEL_COMMANDS = 2 };

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

static void
add_by(struct log_line *line, const struct ruling *why)
{
	struct str by = { 0 };

	if (!why->file)
		return;
	str_append_text(&by, why->file);
	if (why->line) {
		str_append_byte(&by, ':');
		fmt_u64(&by, why->line);
	}
	log_add(line, KEY_BY, str_view(&by));
	str_free(&by);
}

void
server_log_refusal(struct session *s, const struct ruling *why)
{
	struct log_line line;

	if (s->log.level == 0)
		return;
	log_begin(&line, &s->log, LOG_REFUSE);
	log_add_u64(&line, KEY_CODE, why->reply.code);
	log_add_text(&line, KEY_CHECK, why->check);
	add_by(&line, why);
	if (why->count)
		log_add_u64(&line, KEY_COUNT, why->count);
	log_add(&line, KEY_FROM, s->from);
	if (s->to.len)
		log_add(&line, KEY_TO, s->to);
	log_add(&line, KEY_HELO, str_view(&s->helo));
	log_end(&line);
}

static void
add_envelope(struct log_line *line, const struct transaction *t)
{
	log_add_u64(line, KEY_RCPTS, t->count);
	log_add(line, KEY_FROM, t->sender.whole);
	if (t->first)
		log_add(line, KEY_TO, t->first->address);
}

void
server_log_message_refusal(struct session *s, const struct ruling *why, pid_t qp)
{
	struct log_line line;

	log_begin(&line, &s->log, LOG_REFUSE);
	log_add_u64(&line, KEY_CODE, why->reply.code);
	log_add_text(&line, KEY_CHECK, why->check);
	add_by(&line, why);
	if (qp)
		log_add_u64(&line, KEY_QP, (uint64_t)qp);
	add_envelope(&line, &s->transaction);
	log_add(&line, KEY_HELO, str_view(&s->helo));
	log_add(&line, KEY_TEXT, why->reply.text);
	log_end(&line);
}

void
server_log_accept(struct session *s, pid_t qp, uint64_t octets)
{
	struct log_line line;

	log_begin(&line, &s->log, LOG_ACCEPT);
	log_add_u64(&line, KEY_QP, (uint64_t)qp);
	log_add_u64(&line, KEY_OCTETS, octets);
	add_envelope(&line, &s->transaction);
	log_add(&line, KEY_HELO, str_view(&s->helo));
	log_end(&line);
}

void
server_log_end(struct session *s, const char *reason)
{
	struct log_line line;

	log_begin(&line, &s->log, LOG_END);
	log_add_text(&line, KEY_REASON, reason);
	log_end(&line);
}

void
server_log_tls(struct session *s, const char *result, struct view reason)
{
	struct log_line line;

	log_begin(&line, &s->log, LOG_TLS);
	log_add_text(&line, KEY_RESULT, result);
	if (s->tls.facts.protocol.len)
		log_add(&line, KEY_PROTO, str_view(&s->tls.facts.protocol));
	if (s->tls.facts.cipher.len)
		log_add(&line, KEY_CIPHER, str_view(&s->tls.facts.cipher));
	if (reason.len)
		log_add(&line, KEY_REASON, reason);
	log_end(&line);
}

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
server_log_spf(struct session *s, const struct spf_verdict *verdict)
{
	struct log_line line;

	if (verdict->wrong_local.len)
		log_warning(&s->log, "ignored: a term of spfrules or spfguess",
		    verdict->wrong_local);
	log_begin(&line, &s->log, LOG_SPF);
	log_add_text(&line, KEY_RESULT, spf_result_text(verdict->result));
	if (verdict->term.len)
		log_add(&line, KEY_MECH, verdict->term);
	if (verdict->reason)
		log_add_text(&line, KEY_REASON, verdict->reason);
	log_add(&line, KEY_FROM, s->from);
	log_add(&line, KEY_HELO, str_view(&s->helo));
	log_end(&line);
}

void
server_log_dnscheck(struct session *s, const char *check, const char *result,
    struct view host, struct view text)
{
	struct log_line line;

	log_begin(&line, &s->log, LOG_DNSCHECK);
	log_add_text(&line, KEY_CHECK, check);
	log_add_text(&line, KEY_RESULT, result);
	log_add(&line, KEY_HOST, host);
	if (text.len)
		log_add(&line, KEY_TEXT, text);
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

void
server_log_command(struct session *s, struct view verb)
{
	struct log_line line;

	if (s->log.level < LEVEL_COMMANDS)
		return;
	log_begin(&line, &s->log, LOG_COMMAND);
	log_add(&line, KEY_VERB, verb);
	log_add_u64(&line, KEY_CODE, s->code);
	log_end(&line);
}
