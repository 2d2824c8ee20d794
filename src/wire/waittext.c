#include "wire/waittext.h"

#include "lib/ascii.h"
#include "lib/date.h"

enum { DATE_LEN = 20 };

static const char BEFORE[] = "Mail for ", BETWEEN[] = " waits until ",
		  AFTER[] = " (#4.3.2)";

static void
append_shown(struct str *out, struct view text)
{
	size_t i;

	text = view_first(text, WAITTEXT_REASON_MAX);
	for (i = 0; i < text.len; i++) {
		bool shown = ascii_is_graphic(text.at[i]) || text.at[i] == ' ';

		str_append_byte(out, shown ? text.at[i] : '?');
	}
}

void
waittext_append(struct str *out, struct view route, int64_t until, struct view reason)
{
	str_append_text(out, BEFORE);
	append_shown(out, route);
	str_append_text(out, BETWEEN);
	date_format_rfc3339(out, until);
	str_append_text(out, ": ");
	append_shown(out, reason);
	str_append_text(out, AFTER);
	str_append_byte(out, '\n');
}

static bool
parse_line(struct view line, int64_t *until)
{
	struct view between = view_of(BETWEEN);

	if (!view_starts(line, view_of(BEFORE)) || !view_ends(line, view_of(AFTER)))
		return false;
	for (; line.len > 0; line = view_from(line, 1))
		if (view_starts(line, between) &&
		    date_parse_rfc3339(
			view_first(view_from(line, between.len), DATE_LEN), until))
			return true;
	return false;
}

bool
waittext_find(struct view report, int64_t *until)
{
	struct view line, rest = report;

	while (view_cut(rest, '\n', &line, &rest))
		if (parse_line(line, until))
			return true;
	return false;
}
