#include "content/ruleline.h"

#include <stdbool.h>

/* Cut `line` at its last colon. */
static bool
cut_last(struct view *line, struct view *behind)
{
	size_t colon = view_rindex(*line, ':');

	if (colon == line->len)
		return false;
	*behind = view_from(*line, colon + 1);
	*line = view_first(*line, colon);
	return true;
}

/* Whatever begins with these words: indimail has "-headerblackhole", too. */
static enum ruleline_where
where_of(struct view word)
{
	word = view_trim_left(word);
	if (view_starts(word, VIEW("-header")))
		return RULE_IN_HEADER;
	return view_starts(word, VIEW("-body")) ? RULE_IN_BODY : RULE_ANYWHERE;
}

struct ruleline
ruleline_parse(struct view line)
{
	struct ruleline rule = { .pattern = line };
	bool has_comment = cut_last(&rule.pattern, &rule.comment);

	if (has_comment) {
		rule.where = where_of(rule.comment);
		if (rule.where != RULE_ANYWHERE)
			has_comment = cut_last(&rule.pattern, &rule.comment);
	}
	rule.comment = has_comment ? view_trim_left(rule.comment) : rule.pattern;
	return rule;
}
