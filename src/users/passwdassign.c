#include "users/passwdassign.h"

#include "lib/scan.h"

bool
passwdassign_parse(struct view line, struct passwdassign_account *out)
{
	struct view field[6];
	size_t i;

	if (view_index(line, '\0') < line.len)
		return false;
	for (i = 0; i < 6; i++)
		if (!view_cut(line, ':', &field[i], &line))
			return false;
	out->user = field[0];
	out->uid = field[2];
	out->gid = field[3];
	out->home = field[5];
	out->number = 0;
	scan_u64(out->uid, &out->number);
	return true;
}

bool
passwdassign_parse_sub(struct view line, struct passwdassign_sub *out)
{
	struct passwdassign_sub parsed = { .is_whole = false };

	if (!view_cut(line, ':', &parsed.sub, &line) ||
	    !view_cut(line, ':', &parsed.user, &line))
		return false;
	parsed.is_whole = view_cut(line, ':', &parsed.pre, &line);
	*out = parsed;
	return true;
}

void
passwdassign_append_middle(struct str *out, const struct passwdassign_account *a)
{
	const struct view fields[] = { a->user, a->uid, a->gid, a->home };
	size_t i;

	str_append_byte(out, ':');
	for (i = 0; i < sizeof fields / sizeof *fields; i++) {
		str_append(out, fields[i]);
		str_append_byte(out, ':');
	}
}

static const char *
dash_of(const struct passwdassign *how)
{
	return how->slash ? "-/:" : "-:";
}

/* "=name" or "+name-", the middle, and what the mail's extension begins with. */
static void
append_line(struct str *out, char kind, struct view name, char separator,
    struct view middle, const char *dash, struct view pre)
{
	str_append_byte(out, kind);
	str_append(out, name);
	if (separator)
		str_append_byte(out, separator);
	str_append(out, middle);
	str_append_text(out, dash);
	str_append(out, pre);
}

void
passwdassign_append_catchall(
    struct str *out, const struct passwdassign *how, struct view middle)
{
	append_line(out, '+', VIEW(""), 0, middle, dash_of(how), VIEW(":\n"));
}

void
passwdassign_append_names(struct str *out, const struct passwdassign *how,
    struct view names, struct view middle)
{
	while (names.len > 0) {
		struct view name = view_first(names, view_index(names, ':'));

		names = view_from(names, name.len + 1);
		if (name.len == 0)
			continue;
		append_line(out, '=', name, 0, middle, "", VIEW("::\n"));
		if (how->separator)
			append_line(out, '+', name, how->separator, middle, dash_of(how),
			    VIEW(":\n"));
	}
}

void
passwdassign_append_sub(struct str *out, const struct passwdassign *how,
    const struct passwdassign_sub *sub, struct view middle)
{
	append_line(out, '=', sub->sub, 0, middle, dash_of(how), sub->pre);
	str_append_text(out, ":\n");
	if (!how->separator)
		return;
	append_line(out, '+', sub->sub, how->separator, middle, dash_of(how), sub->pre);
	str_append_text(out, "-:\n");
}
