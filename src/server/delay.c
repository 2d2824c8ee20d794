#include "server/delay.h"

#include <errno.h>

#include "config/control.h"
#include "lib/fd.h"
#include "lib/scan.h"
#include "server/log.h"
#include "server/sessionreply.h"

enum {
	GREETING_MAX = 300, /* seconds; clients wait so long (RFC 5321 4.5.3.2.1) */
	TARPIT_MAX = 300,   /* likewise, for a reply to RCPT */
};

static struct deadline
in_seconds(const struct session *s, uint64_t seconds)
{
	return deadline_sooner(
	    s->end, deadline_in(s->is_rehearsal ? 0 : (int64_t)seconds));
}

/* SIGTERM ends it: the next read, or write that must wait, tells. */
static void
wait_until(struct session *s, struct deadline deadline)
{
	if (!s->is_rehearsal)
		fd_wait_readable(s->sigterm_fd, deadline);
}

/* --- the greeting --------------------------------------------------------------------------------- */

struct rule {
	uint64_t seconds;
	bool drops;         /* early talkers are refused */
	bool is_explained;  /* in indimail's words */
	const char *source; /* file or variable, for the log */
};

/* "20", or "-20", which is indimail's way to refuse early talkers. */
static void
scan_rule(struct rule *rule, struct view text, const char *source)
{
	*rule = (struct rule) { .source = source };
	rule->drops = rule->is_explained = view_starts(text, VIEW("-"));
	scan_u64(view_from(text, rule->drops), &rule->seconds);
	if (rule->seconds == 0)
		rule->drops = rule->is_explained = false;
	if (rule->seconds > GREETING_MAX)
		rule->seconds = GREETING_MAX;
}

static enum answer
read_delay(const struct session *s, struct rule *rule, struct problem *problem)
{
	const char *spared = env_value("SMTPD_GREETDELAY"); /* relay clients are */
	const char *everybody = env_value("GREETDELAY");
	struct str line = { 0 };
	enum answer answer = ANSWER_YES;

	if (spared && !s->relay_client)
		scan_rule(rule, view_of(spared), "SMTPD_GREETDELAY");
	else if (everybody)
		scan_rule(rule, view_of(everybody), "GREETDELAY");
	else if (!s->relay_client)
		answer = control_line("control/greetdelay", &line, problem);
	if (line.len)
		scan_rule(rule, str_view(&line), "control/greetdelay");
	str_free(&line);
	return answer;
}

static enum answer
read_rule(const struct session *s, struct rule *rule, struct problem *problem)
{
	const char *drop = env_value("DROP_PRE_GREET");
	uint64_t number = 0;

	*rule = (struct rule) { 0 };
	if (read_delay(s, rule, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	if (drop)
		scan_u64(view_of(drop), &number);
	if (number && !rule->drops &&
	    !(env_value("SMTPD_GREETDELAY") && s->relay_client)) {
		rule->drops = true;
		rule->source = "DROP_PRE_GREET";
	}
	return ANSWER_YES;
}

static void
refuse_early_talker(struct session *s, const struct rule *rule)
{
	struct ruling why = { .check = "greetdelay", .file = rule->source };

	if (rule->is_explained)
		reply_set(&why.reply, 554, "5.7.1",
		    "SMTP protocol violation. Polite people say hello after the server "
		    "greets them");
	else
		reply_set(&why.reply, 554, NULL, "SMTP protocol violation");
	session_refuse_with(s, &why);
	session_close(s, "early-talker");
}

bool
delay_greeting(struct session *s)
{
	enum reader_status status;
	struct problem problem;
	struct deadline end;
	struct rule rule;

	if (s->settings->strict)
		return true;
	if (read_rule(s, &rule, &problem) == ANSWER_ERROR) {
		session_no_controls(s, &problem);
		return false;
	}
	if (!rule.seconds && !rule.drops)
		return true;
	if (rule.seconds)
		server_log_greeting(s, rule.seconds);
	end = in_seconds(s, rule.seconds);
	if (fd_wait_readable_or(s->reader.fd, s->sigterm_fd, end) < 0 &&
	    errno == ETIMEDOUT)
		return true;
	status = reader_fill(&s->reader);
	if (status != READER_OK) {
		session_lost(s, status);
		return false;
	}
	if (rule.drops) {
		refuse_early_talker(s, &rule);
		return false;
	}
	wait_until(s, end);
	return true;
}

/* --- recipients ----------------------------------------------------------------------------------- */

static enum answer
read_tarpit(struct session *s, struct problem *problem)
{
	struct session_tarpit tarpit = { .known = true, .delay = 5 };

	if (s->settings->dialect == DIALECT_SQMAIL)
		tarpit.delay = 0;
	if (control_number_env("control/tarpitcount", "TARPITCOUNT", &tarpit.count,
		problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	if (tarpit.count &&
	    control_number_env("control/tarpitdelay", "TARPITDELAY", &tarpit.delay,
		problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	if (tarpit.delay > TARPIT_MAX)
		tarpit.delay = TARPIT_MAX;
	s->tarpit = tarpit;
	return ANSWER_YES;
}

static bool
knows_tarpit(struct session *s)
{
	struct problem problem;

	if (s->tarpit.known || read_tarpit(s, &problem) != ANSWER_ERROR)
		return true;
	session_no_controls(s, &problem);
	return false;
}

bool
delay_accepts_rcpt(struct session *s)
{
	if (s->settings->dialect != DIALECT_SQMAIL || s->transaction.rcpt_failed == 0)
		return true;
	if (!knows_tarpit(s))
		return false;
	if (!s->tarpit.count || s->transaction.rcpt_failed < s->tarpit.count)
		return true;
	session_refuse(s, REPLY_TOO_MANY_RECIPIENTS, "tarpitcount");
	return false;
}

bool
delay_recipient(struct session *s)
{
	if (s->settings->strict)
		return true;
	if (!knows_tarpit(s))
		return false;
	if (!s->tarpit.count || s->transaction.count < s->tarpit.count ||
	    !s->tarpit.delay)
		return true;
	writer_flush(&s->writer);
	wait_until(s, in_seconds(s, s->tarpit.delay));
	return true;
}

void
delay_refusal(struct session *s, uint64_t milliseconds)
{
	const uint64_t most = (uint64_t)TARPIT_MAX * 1000;

	if (milliseconds == 0)
		return;
	writer_flush(&s->writer);
	wait_until(s,
	    deadline_sooner(s->end,
		deadline_in_ms((int64_t)(milliseconds < most ? milliseconds : most))));
}
