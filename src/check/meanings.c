/* What those who use the files make of them: the settings of qmail-smtpd, its checks, the tables of
 * qmail-remote. */
#include "check/check.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "check/lineforms.h"
#include "config/limits.h"
#include "lib/env.h"
#include "lib/fd.h"
#include "policy/policy.h"
#include "server/logdialect/logdialect.h"
#include "server/scansettings.h"
#include "server/settings.h"
#include "try/logline.h"
#include "try/tables.h"

static const char HINT_421[] = "as it is, qmail-smtpd answers 421";

/* Who may not read it was told so already. */
static void
tell(struct check *c, enum finding_level level, const struct problem *problem,
    const char *hint)
{
	if (problem->error != EACCES)
		finding_problem(&c->out, level, problem, hint);
}

/* --- the checks of recipients and senders --------------------------------------------------------- */

static void
tell_broken(void *context, const struct problem *problem)
{
	tell(context, FINDING_ERROR, problem, HINT_421);
}

/* "file=FILE:LINE reason=": patterns that are wrong. */
static void
tell_logged(struct check *c, struct view line)
{
	struct str file = { 0 }, reason = { 0 };
	struct view pairs;

	logline_event(line, &pairs);
	logline_value(pairs, "file", &file);
	logline_value(pairs, "reason", &reason);
	finding_add(&c->out, FINDING_WARNING, str_text(&file), 0,
	    "the line matches nothing", "not a pattern: ", str_text(&reason),
	    (char *)NULL);
	str_free(&file);
	str_free(&reason);
}

static void
check_policy(struct check *c)
{
	struct policy policy = { .additions = !c->is_strict, .dialect = c->dialect };
	struct str lines = { 0 };
	struct view line, rest;
	int ends[2];

	if (fd_pipe(ends) < 0)
		return;
	/* few lines: a pipe holds them */
	fd_set_blocking(ends[1], 0);
	policy_read_all(&policy,
	    &(struct log) { "qmail-check", 1, ends[1], VIEW(""), VIEW("") }, tell_broken,
	    c);
	fd_close(&ends[1]);
	fd_read_all(ends[0], &lines, 1 << 20);
	fd_close(&ends[0]);
	rest = str_view(&lines);
	while (view_cut(rest, '\n', &line, &rest))
		tell_logged(c, line);
	str_free(&lines);
	policy_free(&policy);
}

/* --- qmail-smtpd's other settings ----------------------------------------------------------------- */

static void
check_settings(struct check *c)
{
	static char name[] = "qmail-smtpd";
	static char *argv[] = { name, NULL };
	struct settings settings = { .timeout = 0 };
	struct problem problem = { 0 };
	struct dotstream rules;
	struct limits limits;

	if (!check_has("control/me"))
		return; /* the first that they want; check_domains() says it */
	if (limits_read(&limits, &problem) == ANSWER_ERROR)
		tell(c, FINDING_ERROR, &problem, HINT_421);
	else if (settings_read(&settings, 1, argv, &problem) == ANSWER_ERROR)
		tell(c, FINDING_ERROR, &problem, HINT_421);
	else if (settings_read_data_rules(&settings, &rules, &problem) == ANSWER_ERROR)
		tell(c, FINDING_ERROR, &problem, HINT_421);
	settings_free(&settings);
}

static void
check_scanners(struct check *c)
{
	static const char *const addresses[] = { "control/clamd", "control/spamd" },
				 *const failures[] = { "control/clamdfail",
					 "control/spamdfail" },
				 *const scores[] = { "control/spamreject",
					 "control/spammunge" };
	struct scanner_address address;
	struct problem problem;
	int64_t number;
	bool defers;
	size_t i;

	for (i = 0; i < 2; i++) {
		if (scansettings_address(addresses[i], "-", &address, &problem) ==
		    ANSWER_ERROR)
			tell(c, FINDING_ERROR, &problem, "mail is put off");
		if (scansettings_failure(failures[i], "-", &defers, &problem) ==
		    ANSWER_ERROR)
			tell(c, FINDING_ERROR, &problem, "mail is put off");
		if (scansettings_score(scores[i], "-", &number, &problem) == ANSWER_ERROR)
			tell(c, FINDING_ERROR, &problem, "mail is put off");
	}
}

static void
check_logdialect(struct check *c)
{
	struct str line = { 0 };
	struct view name;

	if (control_line("control/logdialect", &line, NULL) == ANSWER_YES &&
	    line.len > 0) {
		name = str_view(&line);
		if (!logdialect_find(view_from(name, view_starts(name, VIEW("+")))))
			finding_add(&c->out, FINDING_WARNING, "control/logdialect", 1,
			    "see qmail-log(5)", "no such word: the log has our own lines",
			    (char *)NULL);
	}
	str_free(&line);
}

static void
check_spawnwidth(struct check *c)
{
	uint64_t width = 1;

	if (control_number("control/spawnwidth", &width, NULL) == ANSWER_YES &&
	    (width < 1 || width > 2))
		finding_add(&c->out, FINDING_ERROR, "control/spawnwidth", 1,
		    "1, or 2 beside a qmail-send of a big-concurrency suite",
		    "neither 1 nor 2", (char *)NULL);
}

/* --- the tables of qmail-remote ------------------------------------------------------------------- */

static void
tell_oddity(void *context, const char *path, size_t line, enum oddity_weight weight,
    const char *text)
{
	struct check *c = context;
	const char *manual = strcmp(path, "control/tlspolicy") == 0
	    ? "see qmail-tlspolicy(5)"
	    : "see qmail-remote(8)";

	finding_add(&c->out,
	    weight == ODDITY_WAITS       ? FINDING_ERROR
		: weight == ODDITY_STOCK ? FINDING_NOTE
					 : FINDING_WARNING,
	    path, line, weight == ODDITY_STOCK ? "matters before a roll-back" : manual,
	    text, (char *)NULL);
}

static void
tell_unreadable(void *context, const struct problem *problem)
{
	tell(context, FINDING_ERROR, problem, NULL);
}

/* check_secrets() looks at rights. */
static void
pass_over(void *context, const char *path)
{
	(void)context;
	(void)path;
}

void
check_meanings(struct check *c)
{
	const struct tables_listener listener = { tell_oddity, tell_unreadable, pass_over,
		c };

	if (!c->is_mode_wrong)
		check_settings(c);
	check_policy(c);
	check_scanners(c);
	check_logdialect(c);
	check_spawnwidth(c);
	lineforms_check(c);
	tables_look(&listener);
}
