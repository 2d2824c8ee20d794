#include "content/signatures.h"

#include "content/lines.h"
#include "lib/mem.h"

void
signatures_free(struct signatures *s)
{
	control_list_free(&s->lines);
	mem_free(s->at);
	*s = (struct signatures) { 0 };
}

/* NULL, or what is wrong with it. */
static const char *
complaint_of(struct view pattern)
{
	if (pattern.len == 0)
		return "signature is ignored: empty";
	if (pattern.len > LINES_PIECE)
		return "signature is ignored: too long";
	return NULL;
}

static void
add(struct signatures *s, const struct control_entry *entry, const char *path,
    const struct log *log)
{
	struct signature next = { { entry->text, entry->text, RULE_ANYWHERE },
		entry->line };
	struct problem problem;
	const char *wrong;

	if (s->syntax == SIGNATURES_RULES)
		next.rule = ruleline_parse(entry->text);
	wrong = complaint_of(next.rule.pattern);
	if (!wrong) {
		s->at[s->count++] = next;
		return;
	}
	problem_note(&problem, path, entry->line, wrong, 0);
	log_problem(log, &problem);
}

enum answer
signatures_read(const char *path, enum signature_syntax syntax, struct signatures *out,
    const struct log *log, struct problem *problem)
{
	enum answer found;
	size_t i;

	*out = (struct signatures) { .syntax = syntax };
	found = control_list(path, &out->lines, problem);
	if (found != ANSWER_YES)
		return found;
	out->at = mem_alloc(out->lines.count * sizeof *out->at);
	for (i = 0; i < out->lines.count; i++)
		add(out, &out->lines.entries[i], path, log);
	return ANSWER_YES;
}

static bool
begins_with(struct view line, struct view pattern, enum signature_syntax syntax)
{
	size_t i;

	if (syntax == SIGNATURES_RULES)
		return view_starts(line, pattern);
	if (line.len < pattern.len)
		return false;
	for (i = 0; i < pattern.len; i++)
		if (pattern.at[i] != '*' && pattern.at[i] != line.at[i])
			return false;
	return true;
}

const struct signature *
signatures_find(const struct signatures *s, struct view line, bool in_header)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		const struct ruleline *rule = &s->at[i].rule;

		if ((rule->where == RULE_IN_HEADER) == in_header &&
		    begins_with(line, rule->pattern, s->syntax))
			return &s->at[i];
	}
	return NULL;
}
