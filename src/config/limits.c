#include "config/limits.h"

#include <stddef.h>

#include "config/control.h"
#include "lib/scan.h"

#define ROW(name, value, least, most) \
	{ #name, offsetof(struct limits, name), least, most },
static const struct {
	const char *name;
	size_t offset;
	uint64_t least, most;
} rows[] = { LIMITS(ROW) };
enum { COUNT = sizeof rows / sizeof *rows };
#undef ROW

struct limits
limits_default(void)
{
#define FIELD(name, value, least, most) .name = value,
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
	for (i = 0; i < COUNT && !view_equal(name, view_of(rows[i].name)); i++)
		continue;
	if (i == COUNT)
		return "no such limit";
	if (number < rows[i].least)
		return "less than this limit may be";
	*(uint64_t *)(void *)((char *)limits + rows[i].offset) =
	    number < rows[i].most ? number : rows[i].most;
	return NULL;
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
