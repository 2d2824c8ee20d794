#include "config/leastprivilege.h"

#include <stdbool.h>
#include <stdint.h>

#include "config/control.h"
#include "lib/str.h"

/* A file that cannot be read is no reason to do without. */
static bool
is_off(const char *path)
{
	struct problem problem;
	uint64_t number = 1;

	return control_number(path, &number, &problem) == ANSWER_YES && number == 0;
}

int
leastprivilege_enter(const struct restrict_plan *plan)
{
	return is_off("control/restrict") ? 0 : os_restrict(plan, NULL);
}

int
leastprivilege_enter_from(const char *home, const struct restrict_plan *plan)
{
	struct str path = { 0 };
	bool off;

	str_append_text(&path, home);
	str_append_text(&path, "/control/restrict");
	off = is_off(str_text(&path));
	str_free(&path);
	return off ? 0 : os_restrict(plan, NULL);
}
