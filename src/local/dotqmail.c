#include "local/dotqmail.h"

#include "lib/ascii.h"

static struct view
trim(struct view line)
{
	line = view_first(line, view_index(line, '\0'));
	while (line.len > 0 && ascii_is_blank(line.at[line.len - 1]))
		line.len--;
	return line;
}

struct dotqmail_line
dotqmail_parse(struct view line)
{
	struct view what = trim(line);

	if (what.len == 0)
		return (struct dotqmail_line) { DOTQMAIL_BLANK, what };
	switch (what.at[0]) {
	case '#':
		return (struct dotqmail_line) { DOTQMAIL_IGNORED, what };
	case '|':
		return (struct dotqmail_line) { DOTQMAIL_PROGRAM, view_from(what, 1) };
	case '/':
	case '.':
		if (what.at[what.len - 1] == '/')
			return (struct dotqmail_line) { DOTQMAIL_MAILDIR, what };
		return (struct dotqmail_line) { DOTQMAIL_MBOX, what };
	case '+':
		if (view_equal(what, VIEW("+list")))
			return (struct dotqmail_line) { DOTQMAIL_LIST, what };
		return (struct dotqmail_line) { DOTQMAIL_IGNORED, what };
	case '&':
		return (struct dotqmail_line) { DOTQMAIL_FORWARD, view_from(what, 1) };
	default:
		return (struct dotqmail_line) { DOTQMAIL_FORWARD, what };
	}
}

bool
dotqmail_next(struct view *rest, struct dotqmail_line *out)
{
	size_t end = view_index(*rest, '\n');

	if (rest->len == 0)
		return false;
	*out = dotqmail_parse(view_first(*rest, end));
	*rest = view_from(*rest, end + 1);
	return true;
}
