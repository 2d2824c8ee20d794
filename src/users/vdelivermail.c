#include "users/vdelivermail.h"

#include <stddef.h>

#include "lib/fd.h"
#include "lib/str.h"

enum { LIB_DEPS_MAX = 8192 };

static bool
is_command(struct view command, struct view *program)
{
	struct view path = view_next_word(&command);
	struct view prefix = view_next_word(&command), action = view_next_word(&command);
	size_t slash = view_rindex(path, '/');

	if (slash == path.len ||
	    !view_equal(view_from(path, slash + 1), VIEW("vdelivermail")) ||
	    (!view_equal(prefix, VIEW("''")) && !view_equal(prefix, VIEW("\"\""))) ||
	    !view_equal(action, VIEW("bounce-no-mailbox")) ||
	    view_trim_left(command).len > 0)
		return false;
	*program = path;
	return true;
}

/* The first line that is no comment; false at the end. */
static bool
next_instruction(struct view *rest, struct view *line)
{
	while (rest->len > 0) {
		if (!view_cut(*rest, '\n', line, rest)) {
			*line = *rest;
			*rest = VIEW("");
		}
		*line = view_trim_right(*line);
		if (line->len > 0 && line->at[0] != '#')
			return true;
	}
	return false;
}

bool
vdelivermail_bounces(struct view file, struct view *program)
{
	struct view line, more;

	return next_instruction(&file, &line) && view_starts(line, VIEW("|")) &&
	    !next_instruction(&file, &more) && is_command(view_from(line, 1), program);
}

bool
vdelivermail_asks_servers(struct view program)
{
	static const char *const libraries[] = { "mysql", "mariadb", "-lpq", "ldap",
		"sqlite", "clntsh", "syb" };
	struct view directory = view_first(program, view_rindex(program, '/'));
	struct str path = { 0 }, text = { 0 };
	bool found = false;
	size_t i;

	str_append(&path, directory);
	str_append_text(&path, "/../etc/lib_deps");
	if (fd_read_file(str_text(&path), &text, LIB_DEPS_MAX) == 0)
		for (i = 0; i < sizeof libraries / sizeof *libraries; i++)
			found |= view_contains(str_view(&text), view_of(libraries[i]));
	str_free(&path);
	str_free(&text);
	return found;
}
