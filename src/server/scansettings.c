#include "server/scansettings.h"

#include "config/control.h"
#include "content/score.h"
#include "lib/env.h"

enum {
	TIMEOUT_DEFAULT = 120,
	TIMEOUT_MAX =
	    240, /* of two scanners; a client waits 600 s (RFC 5321 4.5.3.2.6) */
};

static enum answer
bad_value(
    const char *path, const char *variable, const char *what, struct problem *problem)
{
	if (env_value(variable))
		problem_note(problem, variable, 0, what, 0);
	else
		problem_note(problem, path, 1, what, 0);
	return ANSWER_ERROR;
}

enum answer
scansettings_address(const char *path, const char *variable, struct scanner_address *out,
    struct problem *problem)
{
	struct str line = { 0 };
	enum answer found = control_line_env(path, variable, &line, problem);

	if (found == ANSWER_YES && !scanner_parse(str_view(&line), out))
		found = bad_value(
		    path, variable, "neither a socket's path nor ip:port", problem);
	str_free(&line);
	return found;
}

enum answer
scansettings_failure(
    const char *path, const char *variable, bool *defers, struct problem *problem)
{
	struct str line = { 0 };
	enum answer found = control_line_env(path, variable, &line, problem);

	if (found == ANSWER_YES) {
		if (view_equal_nocase(str_view(&line), VIEW("defer")))
			*defers = true;
		else if (view_equal_nocase(str_view(&line), VIEW("pass")))
			*defers = false;
		else
			found = bad_value(path, variable, "no such word", problem);
	}
	str_free(&line);
	return found;
}

enum answer
scansettings_score(
    const char *path, const char *variable, int64_t *out, struct problem *problem)
{
	struct str line = { 0 };
	enum answer found = control_line_env(path, variable, &line, problem);

	if (found == ANSWER_YES && !score_parse(str_view(&line), out))
		found = bad_value(path, variable, "not a number", problem);
	str_free(&line);
	return found;
}

enum answer
scansettings_timeout(int64_t *out_ms, struct problem *problem)
{
	uint64_t seconds = TIMEOUT_DEFAULT;

	if (control_number_env("control/scantimeout", "SCANTIMEOUT", &seconds, problem) ==
	    ANSWER_ERROR)
		return ANSWER_ERROR;
	if (seconds == 0)
		seconds = 1;
	if (seconds > TIMEOUT_MAX)
		seconds = TIMEOUT_MAX;
	*out_ms = (int64_t)seconds * 1000;
	return ANSWER_YES;
}
