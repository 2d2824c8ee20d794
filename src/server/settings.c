#include "server/settings.h"

#include "config/control.h"
#include "config/present.h"
#include "lib/env.h"
#include "lib/scan.h"

enum { LOG_LEVEL_DEFAULT = 1, LOG_LEVEL_MAX = 2, AUTH_GUESSES_DEFAULT = 4 };

int
settings_log_level(void)
{
	uint64_t level = LOG_LEVEL_DEFAULT;

	control_number_env("control/smtpdlog", "SMTPDLOG", &level, NULL);
	return level > LOG_LEVEL_MAX ? LOG_LEVEL_MAX : (int)level;
}

/* mailfront's $SESSION_TIMEOUT can only make it shorter: tcprules are for clients, limits for all. */
static void
shorten_session(struct limits *limits)
{
	uint64_t seconds = 0;

	scan_u64(view_of(env_value("SESSION_TIMEOUT")), &seconds);
	if (seconds > 0 && seconds < limits->session)
		limits->session = seconds;
}

/* Whoever writes "yes" there must not get a service that takes mail from anybody. */
static enum answer
read_submission(bool *out, struct problem *problem)
{
	const char *variable = env_value("SUBMISSION");
	enum answer answer = ANSWER_YES;
	struct str line = { 0 };
	uint64_t number = 0;

	if (variable)
		str_append_text(&line, variable);
	else
		answer = control_line("control/submission", &line, problem);
	if (line.len > 0 && scan_u64(str_view(&line), &number) == 0) {
		problem_note(problem, variable ? "SUBMISSION" : "control/submission",
		    variable ? 0 : 1, "not a number", 0);
		answer = ANSWER_ERROR;
	}
	*out = number > 0;
	str_free(&line);
	return answer == ANSWER_ERROR ? ANSWER_ERROR : ANSWER_YES;
}

/* strict, dialect, limits, enhancedcodes, submission: all that follows depends on them. */
static enum answer
read_mode(struct settings *s, struct problem *problem)
{
	uint64_t enhanced = 0;

	s->limits = limits_default();
	if (strict_read(&s->strict, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	if (s->strict) {
		s->log_level = 0;
		return ANSWER_YES;
	}
	s->log_level = settings_log_level();
	if (dialect_read(&s->dialect, problem) == ANSWER_ERROR ||
	    control_number_env("control/enhancedcodes", "ENHANCEDCODES", &enhanced,
		problem) == ANSWER_ERROR ||
	    read_submission(&s->submission, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	s->enhanced_codes = enhanced;
	if (limits_read(&s->limits, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	shorten_session(&s->limits);
	return ANSWER_YES;
}

/* `me`, read once, only if something falls back to it. */
struct me {
	struct str name;
	enum answer found;
	bool known;
};

static enum answer
line_or_me(const char *path, struct me *me, struct str *out, struct problem *problem)
{
	enum answer found = control_line(path, out, problem);

	if (found != ANSWER_NO)
		return found;
	if (!me->known) {
		me->found = control_line("control/me", &me->name, problem);
		me->known = true;
	}
	if (me->found == ANSWER_YES)
		str_set(out, str_view(&me->name));
	return me->found;
}

/* What 220 says.  qmail-ldap greets with its name first and the greeting behind it. */
static enum answer
make_banner(struct settings *s, struct me *me, struct problem *problem)
{
	const char *greeting = s->strict ? NULL : env_value("SMTPGREETING");

	if (greeting)
		str_set(&s->name, view_of(greeting));
	if (s->dialect != DIALECT_LDAP) {
		str_set(&s->banner, str_view(&s->name));
		str_append_text(&s->banner, " ESMTP");
		return ANSWER_YES;
	}
	switch (line_or_me("control/me", me, &s->banner, problem)) {
	case ANSWER_YES:
		break;
	case ANSWER_NO:
		problem_note(problem, "control/me", 0, "missing", 0);
		return ANSWER_ERROR;
	case ANSWER_ERROR:
		return ANSWER_ERROR;
	}
	str_append_text(&s->banner, " ESMTP ");
	str_append(&s->banner, str_view(&s->name));
	return ANSWER_YES;
}

static enum answer
read_names(struct settings *s, struct problem *problem)
{
	struct me me = { 0 };
	enum answer answer = line_or_me("control/smtpgreeting", &me, &s->name, problem);
	enum answer own = ANSWER_NO;

	if (answer == ANSWER_NO)
		problem_note(problem, "control/me", 0, "missing", 0);
	if (answer == ANSWER_YES)
		answer = make_banner(s, &me, problem);
	if (answer == ANSWER_YES)
		own = line_or_me("control/localiphost", &me, &s->own_host, problem);
	s->has_own_host = own == ANSWER_YES;
	str_free(&me.name);
	return answer == ANSWER_YES && own != ANSWER_ERROR ? ANSWER_YES : ANSWER_ERROR;
}

enum answer
settings_read_databytes(struct settings *s, struct problem *problem)
{
	s->databytes = 0;
	if (control_number("control/databytes", &s->databytes, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	if (env_value("DATABYTES")) {
		s->databytes = 0;
		scan_u64(view_of(env_value("DATABYTES")), &s->databytes);
	}
	return ANSWER_YES;
}

static enum answer
read_numbers(struct settings *s, struct problem *problem)
{
	s->timeout = 1200;
	if (control_number("control/timeoutsmtpd", &s->timeout, problem) ==
		ANSWER_ERROR ||
	    settings_read_databytes(s, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	if (s->timeout == 0)
		s->timeout = 1;
	if (s->timeout > INT32_MAX) /* what qmail keeps in an int */
		s->timeout = INT32_MAX;
	return ANSWER_YES;
}

static enum answer
read_policy(struct settings *s, struct problem *problem)
{
	s->policy.additions = !s->strict;
	s->policy.dialect = s->dialect;
	s->relay_client = env_value("RELAYCLIENT");
	return policy_read(&s->policy, problem) == ANSWER_ERROR ? ANSWER_ERROR
								: ANSWER_YES;
}

enum answer
settings_read(struct settings *s, int argc, char **argv, struct problem *problem)
{
	*s = (struct settings) { .program = "qmail-smtpd",
		.log_level = LOG_LEVEL_DEFAULT };
	present_look();
	if (read_mode(s, problem) == ANSWER_ERROR ||
	    read_names(s, problem) == ANSWER_ERROR ||
	    read_numbers(s, problem) == ANSWER_ERROR ||
	    read_policy(s, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	auth_rules_read(&s->auth, argc, argv, s->dialect, s->strict, s->submission);
	s->auth_guesses = AUTH_GUESSES_DEFAULT;
	if (s->auth.on &&
	    control_number("control/authguesses", &s->auth_guesses, problem) ==
		ANSWER_ERROR)
		return ANSWER_ERROR;
	return ANSWER_YES;
}

/* Who may send to everybody sends to mailing lists: only memory is a bound of its recipients. */
static void
trust(struct settings *s)
{
	s->limits.recipients = UINT64_MAX;
	if (!env_value("DATABYTES"))
		s->databytes = 0;
}

enum answer
settings_read_plain(
    struct settings *s, const char *program, bool is_trusted, struct problem *problem)
{
	*s = (struct settings) { .program = program, .log_level = LOG_LEVEL_DEFAULT };
	present_look();
	if (read_mode(s, problem) == ANSWER_ERROR ||
	    read_numbers(s, problem) == ANSWER_ERROR ||
	    (!is_trusted && read_policy(s, problem) == ANSWER_ERROR))
		return ANSWER_ERROR;
	if (is_trusted)
		trust(s);
	s->enhanced_codes = s->submission = false;
	return ANSWER_YES;
}

enum answer
settings_reread(struct settings *s, struct problem *problem)
{
	present_look();
	policy_reread(&s->policy);
	return settings_read_databytes(s, problem);
}

void
settings_free(struct settings *s)
{
	str_free(&s->name);
	str_free(&s->banner);
	str_free(&s->own_host);
	policy_free(&s->policy);
}

/* Which of `words` the file says, by position; `preset` when it is absent or empty. */
static enum answer
read_word(const char *path, const char *const *words, unsigned count, unsigned *out,
    struct problem *problem)
{
	struct str line = { 0 };
	enum answer answer = control_line(path, &line, problem);
	unsigned i;

	for (i = 0; answer == ANSWER_YES && line.len > 0; i++) {
		if (i == count) {
			problem_note(problem, path, 1, "no such word", 0);
			answer = ANSWER_ERROR;
		} else if (view_equal_nocase(str_view(&line), view_of(words[i]))) {
			*out = i;
			break;
		}
	}
	str_free(&line);
	return answer;
}

enum answer
settings_read_data_rules(
    const struct settings *s, struct dotstream *rules, struct problem *problem)
{
	static const char *const cr_words[] = { "space", "keep", "reject" };
	static const char *const lf_words[] = { "close", "reject", "accept" };
	unsigned cr = BARE_CR_SPACE, lf = BARE_LF_CLOSE;

	*rules = (struct dotstream) { 0 };
	if (s->strict) {
		rules->bare_cr = BARE_CR_KEEP;
		rules->hops.rule = HOPS_BY_PREFIX;
		return ANSWER_YES;
	}
	if (read_word("control/barecr", cr_words, 3, &cr, problem) == ANSWER_ERROR ||
	    read_word("control/barelf", lf_words, 3, &lf, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	rules->bare_cr = (enum bare_cr)cr;
	rules->bare_lf = env_value("ALLOW_BARELF") ? BARE_LF_ACCEPT : (enum bare_lf)lf;
	return ANSWER_YES;
}

enum answer
settings_read_rfc_order(const struct settings *s, struct problem *problem)
{
	uint64_t number = 0;

	if (s->strict)
		return ANSWER_NO;
	if (control_number_env("control/rfcorder", "RFCORDER", &number, problem) ==
	    ANSWER_ERROR)
		return ANSWER_ERROR;
	return number ? ANSWER_YES : ANSWER_NO;
}
