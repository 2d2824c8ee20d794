#include "policy/listed.h"

#include "lib/str.h"
#include "policy/patterns.h"

static size_t
literal_line(const struct check_list *list, struct view name)
{
	struct domainmap_hit hit;

	return domainmap_find(&list->names, name, &hit) ? hit.line : 0;
}

size_t
listed_address(const struct check_list *list, const struct address *a)
{
	const struct view names[] = { a->whole,
		view_from(a->whole, a->local.len) }; /* "@" and domain */
	struct domainmap_hit hits[2] = { { .line = 0 } };
	size_t line;

	if (list->syntax != PATTERNS_REGEX)
		domainmap_find_all(&list->names, names, 2, hits);
	line = hits[0].line ? hits[0].line : hits[1].line;
	if (!line && list->patterns)
		line = patterns_find(list->patterns, a->whole);
	return line;
}

size_t
listed_name(const struct check_list *list, struct view name)
{
	size_t line = 0;

	if (list->syntax != PATTERNS_REGEX)
		line = literal_line(list, name);
	if (!line && list->patterns)
		line = patterns_find(list->patterns, name);
	return line;
}

size_t
listed_affixed(const struct check_list *list, const char *prefix, struct view name,
    const char *suffix)
{
	struct str text = { 0 };
	size_t line;

	str_append_text(&text, prefix);
	str_append(&text, name);
	str_append_text(&text, suffix);
	line = literal_line(list, str_view(&text));
	str_free(&text);
	return line;
}
