#include "delivery/outcome.h"

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
outcome_free(struct outcome *o)
{
	str_free(&o->text);
	*o = (struct outcome) { 0 };
}
