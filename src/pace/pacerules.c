#include "pace/pacerules.h"

#include "config/control.h"
#include "lib/ascii.h"
#include "lib/fmt.h"
#include "lib/scan.h"
#include "route/namedvalue.h"
#include "route/route.h"

static const char PACING[] = "control/pacing", SLOWDOWN[] = "control/slowdown";

/* --- attributes ----------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	size_t offset;
	uint64_t max;
} attributes[] = {
	{ "persecond", offsetof(struct pacerule, rate[PACE_SECOND]), PACE_RATE_MAX },
	{ "perminute", offsetof(struct pacerule, rate[PACE_MINUTE]), PACE_RATE_MAX },
	{ "perhour", offsetof(struct pacerule, rate[PACE_HOUR]), PACE_RATE_MAX },
	{ "perday", offsetof(struct pacerule, rate[PACE_DAY]), PACE_RATE_MAX },
	{ "concurrency", offsetof(struct pacerule, concurrency), PACE_CONCURRENCY_MAX },
	{ "pause", offsetof(struct pacerule, pause), PACE_PAUSE_MAX },
};

enum { ATTRIBUTES = sizeof attributes / sizeof *attributes };

static void
set_attribute(struct pacerule *rule, size_t i, uint64_t number)
{
	*(uint32_t *)(void *)((char *)rule + attributes[i].offset) =
	    (uint32_t)(number < attributes[i].max ? number : attributes[i].max);
}

static bool
parse_attribute(struct view word, struct pacerule *rule)
{
	struct view name, value;
	uint64_t number;
	size_t i;

	if (!view_cut(word, '=', &name, &value) || !scan_whole_u64(value, &number))
		return false;
	for (i = 0; i < ATTRIBUTES; i++)
		if (view_equal_nocase(name, view_of(attributes[i].name))) {
			set_attribute(rule, i, number);
			return true;
		}
	return false;
}

bool
pacerule_parse(struct view text, struct pacerule *out)
{
	struct pacerule rule = *out;
	size_t end;

	for (text = view_trim_left(text); text.len > 0; text = view_trim_left(text)) {
		for (end = 0; end < text.len && !ascii_is_blank(text.at[end]); end++)
			continue;
		if (!parse_attribute(view_first(text, end), &rule))
			return false;
		text = view_from(text, end);
	}
	*out = rule;
	return true;
}

/* --- control/pacing ------------------------------------------------------------------------------- */

/* How well a key fits a name: 0 not at all, else the more the better. */
static size_t
fits(struct view key, struct view name)
{
	if (key.len == 0)
		return 1;
	if (view_equal_nocase(key, name) ||
	    (key.at[0] == '.' && view_ends_nocase(name, key)))
		return 1 + key.len;
	return 0;
}

/* The entry whose key fits the name best, the last of equal ones, with at least `least`; NULL if there
 * is none. */
static const struct control_entry *
select_line(
    const struct control_list *list, struct view name, size_t least, struct view *value)
{
	const struct control_entry *found = NULL;
	size_t best = least, i;

	for (i = 0; i < list->count; i++) {
		struct view key, rest;
		size_t how_well;

		if (!route_cut(list->entries[i].text, &key, &rest))
			continue;
		how_well = fits(key, name);
		if (how_well < best)
			continue;
		best = how_well;
		*value = rest;
		found = &list->entries[i];
	}
	return found;
}

enum { NAMED = 2, ANY = 1 }; /* how well a line has to fit */

/* Add what the file says of a name.  ANSWER_NO: nothing. */
static enum answer
add_lines(const struct control_list *list, struct view name, size_t least,
    struct pacerule *rule, struct problem *problem)
{
	struct view value;
	const struct control_entry *entry = select_line(list, name, least, &value);

	if (!entry)
		return ANSWER_NO;
	if (pacerule_parse(value, rule))
		return ANSWER_YES;
	problem_note(problem, PACING, entry->line, "not attributes of pacing", 0);
	return ANSWER_ERROR;
}

/* --- control/routes/NAME/ ------------------------------------------------------------------------- */

static enum answer
read_route_number(
    struct view route, const char *file, uint64_t *number, struct problem *problem)
{
	struct str path = { 0 }, line = { 0 };
	enum answer answer = namedvalue_line(route, file, &line, &path, problem);

	if (answer == ANSWER_YES && !scan_whole_u64(str_view(&line), number)) {
		problem_note(problem, str_text(&path), 1, "not a number", 0);
		answer = ANSWER_ERROR;
	}
	str_free(&path);
	str_free(&line);
	return answer;
}

static enum answer
add_route_numbers(struct view route, struct pacerule *rule, struct problem *problem)
{
	enum answer answer, any = ANSWER_NO;
	uint64_t number;
	size_t i;

	for (i = 0; i < ATTRIBUTES; i++) {
		answer = read_route_number(route, attributes[i].name, &number, problem);
		if (answer == ANSWER_ERROR)
			return ANSWER_ERROR;
		if (answer == ANSWER_NO)
			continue;
		set_attribute(rule, i, number);
		any = ANSWER_YES;
	}
	return any;
}

static enum answer
add_route_slowdown(struct view route, struct slowdown *s, struct problem *problem)
{
	struct control_list list = { 0 };
	struct str path = { 0 };
	enum answer answer = namedvalue_list(route, "slowdown", &list, &path, problem);

	if (answer == ANSWER_YES)
		answer = slowdown_add(s, &list, str_text(&path), problem);
	str_free(&path);
	return answer;
}

static enum answer
add_general_slowdown(struct slowdown *s, struct problem *problem)
{
	struct control_list list = { 0 };
	enum answer answer = control_list(SLOWDOWN, &list, problem);

	return answer == ANSWER_YES ? slowdown_add(s, &list, SLOWDOWN, problem) : answer;
}

/* --- all of it ------------------------------------------------------------------------------------ */

/* The worst of two answers: an error, then yes. */
static enum answer
either(enum answer a, enum answer b)
{
	if (a == ANSWER_ERROR || b == ANSWER_ERROR)
		return ANSWER_ERROR;
	return a == ANSWER_YES || b == ANSWER_YES ? ANSWER_YES : ANSWER_NO;
}

static struct view
without_final_dot(struct view name)
{
	bool dotted = name.len > 1 && name.at[name.len - 1] == '.';

	return dotted ? view_first(name, name.len - 1) : name;
}

static void
name_subject(const struct pace_question *q, struct str *name)
{
	if (q->route.len > 0) {
		str_append_byte(name, '@');
		str_append(name, q->route);
	} else if (q->relay.len > 0) {
		str_append_lower(name, q->relay);
		str_append_byte(name, ':');
		fmt_u64(name, q->port);
	} else {
		str_append_lower(name, without_final_dot(q->host));
	}
}

/* From what is said of many to what is said of this one: the later word counts. */
static enum answer
read_first(const struct pace_question *q, const struct control_list *list,
    struct pacerules *out, struct problem *problem)
{
	struct pace_subject *subject = &out->at[out->count++];
	struct view general = q->relay.len > 0 ? q->relay : without_final_dot(q->host);
	enum answer answer;

	subject->rule.pause = PACE_PAUSE;
	name_subject(q, &subject->name);
	answer = add_lines(list, general, ANY, &subject->rule, problem);
	if (q->route.len > 0 && answer != ANSWER_ERROR)
		answer =
		    either(answer, add_route_numbers(q->route, &subject->rule, problem));
	if (q->route.len > 0 && answer != ANSWER_ERROR)
		answer =
		    either(answer, add_route_slowdown(q->route, &out->slowdown, problem));
	if (q->route.len > 0 && answer != ANSWER_ERROR)
		answer = either(answer,
		    add_lines(
			list, str_view(&subject->name), NAMED, &subject->rule, problem));
	return answer;
}

/* The destination behind a relay. */
static enum answer
read_second(const struct pace_question *q, const struct control_list *list,
    struct pacerules *out, struct problem *problem)
{
	struct pace_subject *subject = &out->at[out->count];
	struct view host = without_final_dot(q->host);
	enum answer answer;

	if (q->relay.len == 0)
		return ANSWER_NO;
	subject->rule.pause = PACE_PAUSE;
	answer = add_lines(list, host, NAMED, &subject->rule, problem);
	if (answer == ANSWER_YES) {
		str_append_lower(&subject->name, host);
		out->count++;
	}
	return answer;
}

enum answer
pacerules_read(
    const struct pace_question *q, struct pacerules *out, struct problem *problem)
{
	struct control_list list = { 0 };
	enum answer file = control_list(PACING, &list, problem), answer = file;

	*out = (struct pacerules) { 0 };
	if (file == ANSWER_NO && q->route.len == 0)
		return ANSWER_NO;
	if (answer != ANSWER_ERROR)
		answer = either(answer, read_first(q, &list, out, problem));
	if (answer != ANSWER_ERROR)
		answer = either(answer, read_second(q, &list, out, problem));
	if (answer == ANSWER_YES &&
	    add_general_slowdown(&out->slowdown, problem) == ANSWER_ERROR)
		answer = ANSWER_ERROR;
	control_list_free(&list);
	if (answer != ANSWER_YES)
		pacerules_free(out);
	return answer;
}

void
pacerules_free(struct pacerules *rules)
{
	size_t i;

	for (i = 0; i < PACE_SUBJECTS; i++)
		str_free(&rules->at[i].name);
	slowdown_free(&rules->slowdown);
	rules->count = 0;
}
