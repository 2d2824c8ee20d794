#include "sts/record.h"

#include <stdbool.h>

#include "lib/ascii.h"
#include "wire/sts.h"

static bool
is_ours(struct view text)
{
	struct view version, rest;

	return view_cut(text, ';', &version, &rest) &&
	    view_equal(view_trim_blanks(version), VIEW("v=STSv1")) &&
	    view_starts(text, VIEW("v="));
}

static bool
is_id(struct view id)
{
	size_t i;

	if (id.len == 0 || id.len > STS_ID_MAX)
		return false;
	for (i = 0; i < id.len; i++)
		if (!ascii_is_letter(id.at[i]) && !ascii_is_digit(id.at[i]))
			return false;
	return true;
}

/* Of an id that stands twice the first counts; what we do not know is skipped. */
static enum record_result
take_id(struct view text, struct view *id)
{
	struct view rest = text, field, name, value;

	view_next_piece(&rest, ';', &field); /* the version */
	while (view_next_piece(&rest, ';', &field)) {
		if (field.len == 0 && rest.len == 0)
			break;
		if (!view_cut(field, '=', &name, &value))
			return RECORD_INVALID;
		if (!view_equal(view_trim_blanks(name), VIEW("id")))
			continue;
		value = view_trim_blanks(value);
		if (!is_id(value))
			return RECORD_INVALID;
		*id = value;
		return RECORD_ONE;
	}
	return RECORD_INVALID;
}

enum record_result
record_find(const struct view *texts, size_t count, struct view *id)
{
	size_t i, found = 0, which = 0;

	for (i = 0; i < count; i++)
		if (is_ours(texts[i])) {
			which = i;
			found++;
		}
	if (found == 0)
		return RECORD_NONE;
	return found > 1 ? RECORD_SEVERAL : take_id(texts[which], id);
}
