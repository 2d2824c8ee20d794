#include "auth/senders.h"

static bool
is_match(struct view line, struct view local, struct view domain)
{
	size_t at = view_rindex(line, '@');

	if (local.len == 0 && domain.len == 0)
		return view_equal(line, VIEW("<>"));
	return at < line.len && view_equal_nocase(view_from(line, at + 1), domain) &&
	    (at == 0 || view_equal_nocase(view_first(line, at), local));
}

bool
senders_allow(struct view lines, struct view local, struct view domain)
{
	struct view line, rest = lines;
	bool any = true;

	while (rest.len > 0) {
		size_t end = view_index(rest, '\n');

		line = view_trim_right(view_first(rest, end));
		rest = view_from(rest, end + 1);
		if (line.len == 0 || line.at[0] == ' ')
			continue;
		if (is_match(line, local, domain))
			return true;
		any = false;
	}
	return any;
}
