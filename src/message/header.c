#include "message/header.h"

#include "lib/ascii.h"

static const struct row {
	const char *name;
	enum header_use use;
	bool removed, resent;
} rows[] = {
#define HEADER_ROW(id, name, use, removed, resent) \
	{ name, HEADER_USE_##use, removed, resent },
	HEADER_FIELDS(HEADER_ROW)
#undef HEADER_ROW
	    { "", HEADER_USE_KEEP, false, false }, /* HEADER_OTHER */
};

/* What is before the colon, without the blanks behind it; empty if there is no colon. */
static struct view
name_of(struct view line)
{
	struct view name = { "", 0 }, rest;

	if (!view_cut(line, ':', &name, &rest))
		return name;
	while (name.len > 0 && ascii_is_blank(name.at[name.len - 1]))
		name.len--;
	return name;
}

bool
header_line_is_field(struct view line)
{
	struct view name = name_of(line);
	size_t i;

	for (i = 0; i < name.len; i++)
		if (!ascii_is_graphic(name.at[i]))
			return false;
	return name.len > 0;
}

enum header_field
header_field_of(struct view line)
{
	struct view name = name_of(line);
	unsigned i;

	for (i = 0; i < HEADER_OTHER; i++)
		if (view_equal_nocase(name, view_of(rows[i].name)))
			return (enum header_field)i;
	return HEADER_OTHER;
}

struct view
header_value(struct view field)
{
	struct view value = view_from(field, view_index(field, ':') + 1);

	while (value.len > 0 &&
	    (ascii_is_blank(value.at[0]) || value.at[0] == '\r' || value.at[0] == '\n'))
		value = view_from(value, 1);
	return value;
}

enum header_use
header_use_of(enum header_field field)
{
	return rows[field].use;
}

bool
header_is_removed(enum header_field field)
{
	return rows[field].removed;
}

bool
header_means_resent(enum header_field field)
{
	return rows[field].resent;
}
