#define _DEFAULT_SOURCE /* d_type */
#include "config/leastprivilege.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/control.h"
#include "lib/str.h"

enum { DEPTH = 3 }; /* control/routes/NAME/FILE */

static void
allow_links(
    struct restrict_plan *plan, struct view directory, int depth, struct arena *mem)
{
	DIR *open = opendir(directory.at);
	const struct dirent *entry;
	struct str path = { 0 };

	while (open && (entry = readdir(open))) {
		if (entry->d_type == DT_REG || entry->d_name[0] == '.')
			continue;
		str_set(&path, directory);
		str_append_byte(&path, '/');
		str_append_text(&path, entry->d_name);
		if (entry->d_type != DT_DIR)
			restrict_allow(plan, arena_copy(mem, str_view(&path)).at,
			    RESTRICT_PATH_READ | RESTRICT_PATH_HOLDER);
		else if (depth > 1)
			allow_links(plan, str_view(&path), depth - 1, mem);
	}
	if (open)
		closedir(open);
	str_free(&path);
}

void
leastprivilege_allow_control(struct restrict_plan *plan, struct arena *mem)
{
	restrict_allow(plan, "control", RESTRICT_PATH_READ);
	allow_links(plan, VIEW("control"), DEPTH, mem);
}

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
