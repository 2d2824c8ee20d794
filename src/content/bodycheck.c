#include "content/bodycheck.h"

#include "lib/mem.h"

/* In these files '!' is nothing special; in our patterns it is, at the start. */
static struct view
as_pattern(struct view pattern, struct arena *mem)
{
	struct str text = { 0 };
	struct view copy;

	if (*pattern.at != '!')
		return pattern;
	str_append_text(&text, "[!]");
	str_append(&text, view_from(pattern, 1));
	copy = arena_copy(mem, str_view(&text));
	str_free(&text);
	return copy;
}

static void
make_set(struct bodycheck *b, enum ruleline_where where, const char *path,
    const struct log *log)
{
	struct control_list *list = &b->lists[where];
	size_t i;

	list->entries = mem_alloc(b->rules.count * sizeof *list->entries);
	for (i = 0; i < b->rules.count; i++) {
		const struct signature *rule = &b->rules.at[i];

		if (rule->rule.where == where)
			list->entries[list->count++] = (struct control_entry) {
				as_pattern(rule->rule.pattern, &b->mem), rule->line
			};
	}
	b->sets[where] = patterns_make(list, path, PATTERNS_REGEX, log);
}

enum answer
bodycheck_read(const char *path, struct bodycheck *out, const struct log *log,
    struct problem *problem)
{
	enum answer found;
	size_t i;

	*out = (struct bodycheck) { 0 };
	found = signatures_read(path, SIGNATURES_RULES, &out->rules, log, problem);
	for (i = 0; found == ANSWER_YES && i < RULE_PLACES; i++)
		make_set(out, (enum ruleline_where)i, path, log);
	return found;
}

void
bodycheck_free(struct bodycheck *b)
{
	size_t i;

	for (i = 0; i < RULE_PLACES; i++) {
		patterns_free(b->sets[i]);
		control_list_free(&b->lists[i]);
	}
	signatures_free(&b->rules);
	arena_free(&b->mem);
	*b = (struct bodycheck) { 0 };
}

/* A NUL would end the text for regexec(3). */
static struct view
without_nul(struct view text, char copy[PATTERN_TEXT_MAX])
{
	size_t i;

	text = view_first(text, PATTERN_TEXT_MAX);
	if (view_index(text, '\0') == text.len)
		return text;
	for (i = 0; i < text.len; i++)
		copy[i] = text.at[i] ? text.at[i] : ' ';
	return (struct view) { copy, text.len };
}

/* The number of the line that stands first in the file; 0 is none. */
static size_t
first_of(size_t a, size_t b)
{
	if (a == 0 || b == 0)
		return a + b;
	return a < b ? a : b;
}

const struct signature *
bodycheck_find(const struct bodycheck *b, struct view text, bool in_header)
{
	char copy[PATTERN_TEXT_MAX];
	size_t line, i;

	text = without_nul(text, copy);
	line = first_of(patterns_find(b->sets[RULE_ANYWHERE], text),
	    patterns_find(b->sets[in_header ? RULE_IN_HEADER : RULE_IN_BODY], text));
	for (i = 0; line && i < b->rules.count; i++)
		if (b->rules.at[i].line == line)
			return &b->rules.at[i];
	return NULL;
}
