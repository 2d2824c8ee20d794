#include "config/limits.h"

#include <stddef.h>

#include "config/control.h"
#include "lib/scan.h"

#define ROW(name, value) { #name, offsetof(struct limits, name) },
static const struct {
	const char *name;
	size_t offset;
} rows[] = { LIMITS(ROW) };
#undef ROW

struct limits
limits_default(void)
{
#define FIELD(name, value) .name = value,
	return (struct limits) { LIMITS(FIELD) };
#undef FIELD
}

/* NULL, or what is wrong with the line. */
static const char *
apply(struct limits *limits, struct view line)
{
	struct view name, value;
	uint64_t number;
	size_t i;

	if (!view_cut(line, ':', &name, &value) || !scan_whole_u64(value, &number))
		return "not name:number";
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (view_equal(name, view_of(rows[i].name))) {
			*(uint64_t *)(void *)((char *)limits + rows[i].offset) = number;
			return NULL;
		}
	}
	return "no such limit";
}

enum answer
limits_read(struct limits *out, struct problem *problem)
{
	struct limits limits = limits_default();
	struct control_list list = { 0 };
	const char *wrong = NULL;
	size_t i;

	if (control_list("control/limits", &list, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	for (i = 0; i < list.count && !wrong; i++) {
		wrong = apply(&limits, list.entries[i].text);
		if (wrong)
			problem_note(
			    problem, "control/limits", list.entries[i].line, wrong, 0);
	}
	control_list_free(&list);
	if (wrong)
		return ANSWER_ERROR;
	*out = limits;
	return ANSWER_YES;
}
