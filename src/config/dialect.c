#include "config/dialect.h"

#include "config/control.h"
#include "lib/env.h"

static const char *const words[] = { "notqmail", "sagredo", "jms1", "sqmail", "indimail",
	"ldap" };

const char *
dialect_word(enum dialect dialect)
{
	return words[dialect];
}

static bool
dialect_of(struct view name, enum dialect *out)
{
	unsigned i;

	if (name.len == 0) {
		*out = DIALECT_NOTQMAIL;
		return true;
	}
	for (i = 0; i < sizeof words / sizeof *words; i++) {
		if (view_equal_nocase(name, view_of(words[i]))) {
			*out = (enum dialect)i;
			return true;
		}
	}
	return false;
}

enum answer
dialect_read(enum dialect *out, struct problem *problem)
{
	const char *variable = env_value("QDIALECT");
	struct str line = { 0 };
	enum answer answer = ANSWER_YES;

	if (variable) {
		str_set(&line, view_of(variable));
	} else if (control_line("control/dialect", &line, problem) == ANSWER_ERROR) {
		return ANSWER_ERROR;
	}
	if (!dialect_of(str_view(&line), out)) {
		problem_note(problem, variable ? "$QDIALECT" : "control/dialect",
		    variable ? 0 : 1, "no such dialect", 0);
		answer = ANSWER_ERROR;
	}
	str_free(&line);
	return answer;
}

enum answer
strict_read(bool *out, struct problem *problem)
{
	uint64_t number = 0;

	if (control_number_env("control/strict", "QSTRICT", &number, problem) ==
	    ANSWER_ERROR)
		return ANSWER_ERROR;
	*out = number != 0;
	return ANSWER_YES;
}
