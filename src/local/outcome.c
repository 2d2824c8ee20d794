#include "local/outcome.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

void
outcome_set(struct outcome *o, enum outcome_kind kind, const char *first, ...)
{
	const char *text;
	va_list rest;

	o->kind = kind;
	str_clear(&o->text);
	va_start(rest, first);
	for (text = first; text; text = va_arg(rest, const char *))
		str_append_text(&o->text, text);
	va_end(rest);
}

void
outcome_errno(
    struct outcome *o, const char *before, const char *what, int error, const char *code)
{
	outcome_set(o, OUTCOME_TEMPORARY, before, what, ": ", strerror(error), ". (",
	    code, ")", (char *)NULL);
}

void
outcome_problem(
    struct outcome *o, const char *before, const struct problem *problem, const char *end)
{
	outcome_set(o, OUTCOME_TEMPORARY, before, problem->where, ": ", problem->what,
	    problem->error ? ": " : "", problem->error ? strerror(problem->error) : "",
	    end, (char *)NULL);
}

int
outcome_exit(enum outcome_kind kind)
{
	static const int codes[] = {
		[OUTCOME_DONE] = OUTCOME_EXIT_DONE,
		[OUTCOME_LAST] = OUTCOME_EXIT_LAST,
		[OUTCOME_PERMANENT] = OUTCOME_EXIT_PERMANENT,
		[OUTCOME_TEMPORARY] = OUTCOME_EXIT_TEMPORARY,
	};

	return codes[kind];
}

void
outcome_free(struct outcome *o)
{
	str_free(&o->text);
	*o = (struct outcome) { 0 };
}
