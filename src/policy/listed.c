#include "policy/listed.h"

#include "lib/str.h"
#include "policy/patterns.h"

/* --- the cdb twin --------------------------------------------------------------------------------- */

/* Its keys are the lines in lower case. */
static enum answer
is_key(const struct check_list *list, struct view name, struct problem *problem)
{
	struct str lower = { 0 };
	enum answer found;

	if (check_list_is_broken(list, problem))
		return ANSWER_ERROR;
	str_append_lower(&lower, name);
	found = cdbmap_find(list->more, str_view(&lower), NULL, problem);
	str_free(&lower);
	return found;
}

/* Either text; an empty one is not looked for. */
static enum verdict
in_twin(const struct check_list *list, struct view text, struct view or_else,
    struct ruling *why)
{
	enum answer found = ANSWER_NO;

	if (list->twin.len == 0)
		return VERDICT_PASS;
	if (text.len)
		found = is_key(list, text, &why->problem);
	if (found == ANSWER_NO && or_else.len)
		found = is_key(list, or_else, &why->problem);
	if (found == ANSWER_ERROR)
		return VERDICT_CLOSE;
	if (found == ANSWER_NO)
		return VERDICT_PASS;
	why->file = str_text(&list->twin);
	return VERDICT_REJECT;
}

/* --- lines ---------------------------------------------------------------------------------------- */

static size_t
literal_line(const struct check_list *list, struct view name)
{
	struct domainmap_hit hit;

	return domainmap_find(&list->names, name, &hit) ? hit.line : 0;
}

static enum verdict
in_lines(const struct check_list *list, struct view text, struct view or_else,
    struct ruling *why)
{
	const struct view names[] = { text, or_else };
	struct domainmap_hit hits[2] = { { .line = 0 } };
	size_t line;

	if (list->syntax != PATTERNS_REGEX)
		domainmap_find_all(&list->names, names, or_else.len ? 2 : 1, hits);
	line = hits[0].line ? hits[0].line : hits[1].line;
	if (!line && list->patterns)
		line = patterns_find(list->patterns, text);
	why->line = line;
	if (!line && domainmap_failed(&list->names, &why->problem))
		return VERDICT_CLOSE;
	return line ? VERDICT_REJECT : VERDICT_PASS;
}

static enum verdict
listed(const struct check_list *list, struct view text, struct view or_else,
    struct ruling *why)
{
	enum verdict verdict = in_twin(list, text, or_else, why);

	return verdict == VERDICT_PASS ? in_lines(list, text, or_else, why) : verdict;
}

enum verdict
listed_address(const struct check_list *list, const struct address *a, struct ruling *why)
{
	return listed(list, a->whole, view_from(a->whole, a->local.len), why);
}

enum verdict
listed_name(const struct check_list *list, struct view name, struct ruling *why)
{
	return listed(list, name, VIEW(""), why);
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

/* --- hosts ---------------------------------------------------------------------------------------- */

/* The whole domain, then each part of it that starts with a dot, in the cdb file. */
static enum answer
is_in_companion(
    const struct check_list *hosts, struct view domain, struct problem *problem)
{
	enum answer found = ANSWER_NO;
	struct view rest = domain;

	if (!hosts->more && !hosts->broken)
		return ANSWER_NO;
	while (rest.len > 0 && found == ANSWER_NO) {
		struct view after = view_from(rest, 1);

		found = is_key(hosts, rest, problem);
		rest = view_from(after, view_index(after, '.'));
	}
	return found;
}

enum answer
listed_host(const struct check_list *hosts, struct view domain, struct problem *problem)
{
	if (domainmap_find_suffix(&hosts->names, domain, NULL))
		return ANSWER_YES;
	if (domainmap_failed(&hosts->names, problem))
		return ANSWER_ERROR;
	return is_in_companion(hosts, domain, problem);
}

enum answer
listed_sender_is_ours(const struct question *q, struct problem *problem)
{
	if (!q->hosts->present || !q->sender->has_at)
		return ANSWER_YES;
	return listed_host(q->hosts, q->sender->domain, problem);
}

enum answer
listed_host_where(const struct check_list *hosts, struct view domain, struct ruling *why)
{
	struct domainmap_hit hit = { .line = 0 };
	enum answer found = listed_host(hosts, domain, &why->problem);

	if (found != ANSWER_YES)
		return found;
	why->file = domainmap_find_suffix(&hosts->names, domain, &hit) ? hosts->file
								       : hosts->more_file;
	why->line = hit.line;
	return ANSWER_YES;
}
