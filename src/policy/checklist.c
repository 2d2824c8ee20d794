#include "policy/checklist.h"

#include <unistd.h>

#include "lib/env.h"
#include "lib/mem.h"
#include "lib/scan.h"

/* A companion that cannot be opened ends the session before its greeting; one that is damaged
 * ends those sessions only whose answer depends on it. */
static enum answer
open_companion(const char *path, struct check_list *list, struct problem *problem)
{
	enum answer found = cdbmap_open(path, &list->more, problem);

	if (found != ANSWER_ERROR || access(path, R_OK) < 0)
		return found;
	list->broken = mem_alloc(sizeof *list->broken);
	*list->broken = *problem;
	return ANSWER_YES;
}

bool
check_list_is_broken(const struct check_list *list, struct problem *problem)
{
	if (list->broken)
		*problem = *list->broken;
	return list->broken;
}

/* The path that the variable says, or `preset`.  An empty one switches the file off. */
static const char *
path_from(const char *variable, const char *preset)
{
	const char *path = variable ? env_value(variable) : NULL;

	return path ? path : preset;
}

/* What the lines of a list are; a strict session knows no dialect. */
static enum pattern_syntax
syntax_of(const struct check_row *row, enum dialect dialect)
{
	const char *regex = env_value("QREGEX");

	if (row->flags & IS_REGEX)
		return PATTERNS_REGEX;
	if ((row->flags & IS_WILDMAT) && dialect != DIALECT_INDIMAIL)
		return PATTERNS_WILDMAT;
	if (!(row->flags & (IS_LIST | IS_WILDMAT)))
		return PATTERNS_NONE;
	switch (dialect) {
	case DIALECT_SAGREDO:
	case DIALECT_JMS1:
		return PATTERNS_REGEX;
	case DIALECT_SQMAIL:
		return row->ask == check_badmailfrom ? PATTERNS_WILDMAT_SENDER
						     : PATTERNS_WILDMAT;
	case DIALECT_INDIMAIL:
		return regex && *regex && !view_equal(view_of(regex), VIEW("0"))
		    ? PATTERNS_REGEX
		    : row->flags & IS_WILDMAT ? PATTERNS_WILDMAT
					      : PATTERNS_NONE;
	default:
		return PATTERNS_NONE;
	}
}

/* Names are searched where they are; patterns, and what is asked line by line, taken to pieces. */
static enum answer
read_file(const struct check_row *row, struct check_list *list, struct problem *problem)
{
	enum answer found;

	if (list->syntax == PATTERNS_NONE && !(row->flags & BY_LINE))
		return domainmap_open(&list->names, list->file, problem);
	found = control_list(list->file, &list->lines, problem);
	if (found == ANSWER_YES)
		domainmap_of(&list->names, str_view(&list->lines.bytes), 0);
	return found;
}

static enum answer
read_lines(const struct check_row *row, struct check_list *list, struct problem *problem)
{
	const char *more = path_from(row->more_variable, row->more);
	enum answer found = ANSWER_NO, found_more = ANSWER_NO;

	list->more_file = more;
	if (*list->file)
		found = read_file(row, list, problem);
	if (found == ANSWER_YES || (found == ANSWER_NO && (row->flags & ADDED)))
		found_more =
		    more && *more ? open_companion(more, list, problem) : ANSWER_NO;
	if (found == ANSWER_ERROR || found_more == ANSWER_ERROR)
		return ANSWER_ERROR;
	return found == ANSWER_YES ? found : found_more;
}

/* indimail's qmail-cdb compiles control/NAME into control/NAME.cdb; either may be there alone. */
static bool
has_twin(const struct check_row *row, enum dialect dialect)
{
	return dialect == DIALECT_INDIMAIL && (row->flags & (IS_LIST | HAS_TWIN));
}

static enum answer
read_with_twin(
    const struct check_row *row, struct check_list *list, struct problem *problem)
{
	enum answer found = read_lines(row, list, problem), found_twin;

	if (found == ANSWER_ERROR)
		return found;
	str_append_text(&list->twin, list->file);
	str_append_text(&list->twin, ".cdb");
	found_twin = open_companion(str_text(&list->twin), list, problem);
	if (found_twin == ANSWER_NO)
		str_free(&list->twin);
	return found_twin == ANSWER_NO ? found : found_twin;
}

static enum answer
read_value(const struct check_row *row, enum dialect dialect, struct check_list *list,
    struct problem *problem)
{
	list->number = row->always & IN(dialect) ? row->preset : 0;
	list->value = row->variable ? env_value(row->variable) : NULL;
	if (!list->value)
		return row->file ? control_number(row->file, &list->number, problem)
				 : ANSWER_NO;
	list->number = 0;
	scan_u64(view_of(list->value), &list->number);
	return ANSWER_YES;
}

static void
read_limit(const struct check_row *row, struct check_list *list)
{
	const char *value = row->limit_variable ? env_value(row->limit_variable) : NULL;

	list->limit = row->limit;
	if (value && !scan_u64(view_of(value), &list->limit))
		list->limit = 0;
}

/* A row without a file is about the program that its variable names. */
static enum answer
read_program(const struct check_row *row, struct check_list *list)
{
	list->value = env_value(row->variable);
	if (row->flags & IS_SWITCH)
		return list->value ? ANSWER_YES : ANSWER_NO;
	return list->value && *list->value ? ANSWER_YES : ANSWER_NO;
}

static void
read_settings(const struct check_row *row, struct check_list *list)
{
	size_t i;

	for (i = 0; i < 2; i++)
		if (row->others[i])
			list->settings[i] = env_value(row->others[i]);
}

enum answer
checklist_read(const struct check_row *row, enum dialect dialect, struct check_list *list,
    struct problem *problem)
{
	enum answer found = ANSWER_NO;

	list->looked = true;
	list->mode = row->mode ? row->mode(dialect) : "";
	if (!list->mode)
		return ANSWER_NO;
	list->file = path_from(row->flags & IS_NUMBER ? NULL : row->variable, row->file);
	read_limit(row, list);
	read_settings(row, list);
	list->syntax = syntax_of(row, dialect);
	if (row->flags & IS_NUMBER)
		found = read_value(row, dialect, list, problem);
	else if (!row->file)
		found = read_program(row, list);
	else if (has_twin(row, dialect))
		found = read_with_twin(row, list, problem);
	else if (!(row->flags & IS_CDB))
		found = read_lines(row, list, problem);
	else if (*list->file)
		found = open_companion(list->file, list, problem);
	list->present =
	    found == ANSWER_YES || (found == ANSWER_NO && (row->always & IN(dialect)));
	return found;
}

enum answer
checklist_ready(const struct check_row *row, enum dialect dialect, const struct log *log,
    struct check_list *list, struct problem *problem)
{
	if (!list->looked && checklist_read(row, dialect, list, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	if (!list->present || list->patterns)
		return ANSWER_YES;
	if (list->syntax != PATTERNS_NONE)
		list->patterns =
		    patterns_make(&list->lines, list->file, list->syntax, log);
	return ANSWER_YES;
}

void
checklist_free(struct check_list *list)
{
	domainmap_free(&list->names);
	control_list_free(&list->lines);
	cdbmap_close(list->more);
	str_free(&list->twin);
	patterns_free(list->patterns);
	mem_free(list->broken);
}
