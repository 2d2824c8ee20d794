#include "users/assign.h"

enum { FIELDS = 6 };

/* The six fields of `rest`, their colons made NULs; what follows the last colon is dropped. */
static bool
split_fields(struct view rest, struct str *data)
{
	int i;

	for (i = 0; i < FIELDS; i++) {
		struct view field;

		if (!view_cut(rest, ':', &field, &rest))
			return false;
		if (i > 0)
			str_append_byte(data, '\0');
		str_append(data, field);
	}
	return true;
}

enum assign_line
assign_parse(struct view line, struct str *key, struct str *data)
{
	struct str fields = { 0 };
	struct view name, rest;
	bool wildcard;

	if (line.len > 0 && line.at[0] == '.')
		return ASSIGN_END;
	if (view_index(line, '\0') < line.len || !view_cut(line, ':', &name, &rest) ||
	    name.len == 0)
		return ASSIGN_MALFORMED;
	if (!split_fields(rest, &fields)) {
		str_free(&fields);
		return ASSIGN_MALFORMED;
	}
	wildcard = name.at[0] == '+';
	str_set(key, VIEW("!"));
	str_append_lower(key, view_from(name, 1));
	if (!wildcard)
		str_append_byte(key, '\0');
	str_set(data, str_view(&fields));
	str_free(&fields);
	return wildcard ? ASSIGN_WILDCARD : ASSIGN_EXACT;
}

void
assign_note_wildcard(struct str *last, struct view key)
{
	char c;

	if (key.len < 2) /* "!" is always tried */
		return;
	c = key.at[key.len - 1];
	if (view_index(str_view(last), c) == last->len)
		str_append_byte(last, c);
}
