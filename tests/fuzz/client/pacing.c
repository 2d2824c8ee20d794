/* Lines of control/pacing and control/slowdown, a server's reply, and a report with the line that says
 * until when mail waits: what is parsed is within its bounds, and what is written is found again. */
#include <stdint.h>
#include <stdlib.h>

#include "pace/pacerules.h"
#include "pace/slowdown.h"
#include "wire/waittext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_rule(struct view line, struct view text)
{
	struct slowdown_rule rule;

	if (!slowdown_parse(line, &rule))
		return;
	if (rule.pattern.len == 0 || rule.pattern.at < line.at ||
	    rule.pattern.at + rule.pattern.len > line.at + line.len)
		abort();
	if (rule.action == SLOWDOWN_CLOSE &&
	    (rule.seconds == 0 || rule.seconds > SLOWDOWN_CLOSE_MAX))
		abort();
	slowdown_fits(&rule, rule.code ? rule.code : 450, text);
}

static void
check_attributes(struct view line)
{
	struct pacerule rule = { .pause = PACE_PAUSE };
	size_t i;

	if (!pacerule_parse(line, &rule))
		return;
	if (rule.concurrency > PACE_CONCURRENCY_MAX || rule.pause > PACE_PAUSE_MAX)
		abort();
	for (i = 0; i < PACE_WINDOWS; i++)
		if (rule.rate[i] > PACE_RATE_MAX)
			abort();
}

static void
check_reply(struct view octets)
{
	static const struct slowdown none = { .count = 0 };
	struct remotereply reply = { .max_lines = 100, .max_octets = 65536 };
	uint32_t seconds;
	size_t used;

	remotereply_start(&reply);
	if (remotereply_add(&reply, octets, &used) == REMOTEREPLY_DONE)
		slowdown_judge(&none, &reply, &seconds);
	remotereply_free(&reply);
}

static void
check_report(struct view all, struct view part)
{
	struct str text = { 0 };
	int64_t until;

	waittext_find(all, &until);
	waittext_append(&text, part, 1795880400, all);
	if (!waittext_find(str_view(&text), &until))
		abort();
	str_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view all = { (const char *)data, size }, line = all, rest = VIEW("");

	view_cut(all, '\n', &line, &rest);
	check_rule(line, rest);
	check_attributes(line);
	check_reply(all);
	check_report(all, line);
	return 0;
}
