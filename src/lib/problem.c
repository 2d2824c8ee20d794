#include "lib/problem.h"

#include <string.h>

#include "lib/fmt.h"

void
problem_note(
    struct problem *p, const char *file, size_t line, const char *what, int error)
{
	char digits[FMT_U64_MAX];
	struct view number = fmt_u64_into(digits, line);
	size_t room, len = strlen(file);

	if (!p)
		return;
	room = sizeof p->where - 1 - (line ? number.len + 1 : 0);
	if (len > room)
		len = room;
	memcpy(p->where, file, len);
	if (line) {
		p->where[len++] = ':';
		memcpy(p->where + len, number.at, number.len);
		len += number.len;
	}
	p->where[len] = '\0';
	p->what = what;
	p->error = error;
}
