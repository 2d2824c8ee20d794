#include "client/controls.h"

#include "config/control.h"
#include "config/dialect.h"

enum { TIMEOUTCONNECT = 60, TIMEOUTREMOTE = 1200, SECONDS_MAX = 1000000 };

static bool
read_seconds(const char *path, uint64_t usual, int64_t *out_ms, struct problem *problem)
{
	uint64_t seconds = usual;

	if (control_number(path, &seconds, problem) == ANSWER_ERROR)
		return false;
	*out_ms = 1000 * (int64_t)(seconds < SECONDS_MAX ? seconds : SECONDS_MAX);
	return true;
}

/* An address to bind to; "0.0.0.0", "::", an empty line or no file is none. */
static enum controls_result
read_outgoing(const char *path, uint8_t version, struct ip *out, struct origin *from,
    struct problem *problem)
{
	struct str line = { 0 };
	struct ip ip = { 0 };
	enum controls_result result = CONTROLS_OK;

	if (control_line(path, &line, problem) == ANSWER_ERROR) {
		result = CONTROLS_UNREADABLE;
	} else if (line.len > 0) {
		if (!ip_parse(str_view(&line), &ip) || ip.version != version) {
			problem_note(problem, path, 1, "not an IP address", 0);
			result = CONTROLS_BAD_OUTGOING;
		} else if (!ip_is_unspecified(&ip)) {
			*out = ip;
			origin_note(from, path, 1);
		}
	}
	str_free(&line);
	return result;
}

/* A client must have a name. */
static bool
read_helohost(struct controls *c, struct problem *problem)
{
	const char *path = "control/helohost";
	enum answer answer = control_line(path, &c->helohost, problem);

	if (answer == ANSWER_NO) {
		path = "control/me";
		answer = control_line(path, &c->helohost, problem);
	}
	if (answer == ANSWER_NO)
		problem_note(problem, path, 0, "missing", 0);
	origin_note(&c->helohost_from, path, 1);
	return answer == ANSWER_YES;
}

/* Stock has no such line. */
static bool
read_logdetail(bool *out, struct problem *problem)
{
	uint64_t number = 0;
	bool strict = false;

	if (control_number("control/logdetail", &number, problem) == ANSWER_ERROR ||
	    (number > 0 && strict_read(&strict, problem) == ANSWER_ERROR))
		return false;
	*out = number > 0 && !strict;
	return true;
}

static enum controls_result
read_all(struct controls *c, struct problem *problem)
{
	enum controls_result result;

	if (!read_helohost(c, problem) ||
	    !read_seconds("control/timeoutconnect", TIMEOUTCONNECT, &c->timeoutconnect_ms,
		problem) ||
	    !read_seconds(
		"control/timeoutremote", TIMEOUTREMOTE, &c->timeoutremote_ms, problem) ||
	    !read_logdetail(&c->logdetail, problem) ||
	    limits_read(&c->limits, problem) == ANSWER_ERROR)
		return CONTROLS_UNREADABLE;
	result = read_outgoing(
	    "control/outgoingip", 4, &c->outgoing4, &c->outgoing4_from, problem);
	if (result != CONTROLS_OK)
		return result;
	return read_outgoing(
	    "control/outgoingip6", 6, &c->outgoing6, &c->outgoing6_from, problem);
}

enum controls_result
controls_read(struct controls *out, struct problem *problem)
{
	struct controls c = { 0 };
	enum controls_result result = read_all(&c, problem);

	if (result == CONTROLS_OK)
		*out = c;
	else
		controls_free(&c);
	return result;
}

void
controls_free(struct controls *c)
{
	str_free(&c->helohost);
}
