#include "lib/view.h"

#include <string.h>

#include "lib/ascii.h"

struct view
view_of(const char *text)
{
	return (struct view) { text ? text : "", text ? strlen(text) : 0 };
}

bool
view_equal(struct view a, struct view b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool
view_equal_nocase(struct view a, struct view b)
{
	size_t i;

	if (a.len != b.len)
		return false;
	for (i = 0; i < a.len; i++)
		if (ascii_lower(a.at[i]) != ascii_lower(b.at[i]))
			return false;
	return true;
}

int
view_compare(struct view a, struct view b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common ? memcmp(a.at, b.at, common) : 0;

	if (order != 0)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

bool
view_starts(struct view v, struct view prefix)
{
	return v.len >= prefix.len && view_equal(view_first(v, prefix.len), prefix);
}

bool
view_starts_nocase(struct view v, struct view prefix)
{
	return v.len >= prefix.len &&
	    view_equal_nocase(view_first(v, prefix.len), prefix);
}

bool
view_ends(struct view v, struct view suffix)
{
	return v.len >= suffix.len &&
	    view_equal(view_from(v, v.len - suffix.len), suffix);
}

bool
view_ends_nocase(struct view v, struct view suffix)
{
	return v.len >= suffix.len &&
	    view_equal_nocase(view_from(v, v.len - suffix.len), suffix);
}

bool
view_contains(struct view v, struct view part)
{
	for (; v.len >= part.len; v = view_from(v, 1)) {
		if (view_starts(v, part))
			return true;
		if (v.len == 0)
			break;
	}
	return false;
}

bool
view_has_control(struct view v)
{
	size_t i;

	for (i = 0; i < v.len; i++)
		if (ascii_is_control(v.at[i]))
			return true;
	return false;
}

bool
view_is_empty(struct view v)
{
	return v.len == 0;
}

size_t
view_index(struct view v, char c)
{
	const char *found = v.len ? memchr(v.at, c, v.len) : NULL;

	return found ? (size_t)(found - v.at) : v.len;
}

size_t
view_rindex(struct view v, char c)
{
	size_t i = v.len;

	while (i > 0)
		if (v.at[--i] == c)
			return i;
	return v.len;
}

struct view
view_first(struct view v, size_t n)
{
	return (struct view) { v.at, n < v.len ? n : v.len };
}

struct view
view_from(struct view v, size_t n)
{
	if (n > v.len)
		n = v.len;
	return (struct view) { n ? v.at + n : v.at, v.len - n };
}

bool
view_cut(struct view v, char c, struct view *before, struct view *after)
{
	size_t i = view_index(v, c);

	if (i == v.len)
		return false;
	*before = view_first(v, i);
	*after = view_from(v, i + 1);
	return true;
}

struct view
view_trim_left(struct view v)
{
	while (v.len > 0 && ascii_is_blank(v.at[0]))
		v = view_from(v, 1);
	return v;
}

struct view
view_trim_right(struct view v)
{
	while (v.len > 0 &&
	    (ascii_is_blank(v.at[v.len - 1]) || v.at[v.len - 1] == '\n' ||
		v.at[v.len - 1] == '\r'))
		v.len--;
	return v;
}

struct view
view_trim_blanks(struct view v)
{
	v = view_trim_left(v);
	while (v.len > 0 && ascii_is_blank(v.at[v.len - 1]))
		v.len--;
	return v;
}

struct view
view_next_word(struct view *rest)
{
	struct view word = view_trim_left(*rest);
	size_t n = 0;

	while (n < word.len && !ascii_is_blank(word.at[n]))
		n++;
	*rest = view_from(word, n);
	return view_first(word, n);
}

bool
view_next_piece(struct view *rest, char c, struct view *piece)
{
	if (rest->len == 0)
		return false;
	if (!view_cut(*rest, c, piece, rest)) {
		*piece = *rest;
		*rest = view_from(*rest, rest->len);
	}
	*piece = view_trim_blanks(*piece);
	return true;
}

struct view
view_trim_root(struct view name)
{
	bool rooted = name.len > 1 && name.at[name.len - 1] == '.';

	return rooted ? view_first(name, name.len - 1) : name;
}
