#include "lib/problem.h"

#include <string.h>

void
problem_note(
    struct problem *p, const char *file, size_t line, const char *what, int error)
{
	struct origin origin;

	if (!p)
		return;
	origin_note(&origin, file, line);
	memcpy(p->where, origin.text, sizeof p->where);
	p->what = what;
	p->error = error;
}
