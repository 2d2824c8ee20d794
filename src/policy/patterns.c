#include "policy/patterns.h"

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/ascii.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "policy/regexcost.h"
#include "policy/regexliteral.h"
#include "policy/wildmat.h"

enum { LINE_COST = 16 };

struct pattern {
	size_t line;
	bool negated;
	struct view text;
	bool
	    is_compiled; /* else it is wildmat; or plain (policy/regexliteral.h), and waits */
	regex_t compiled;
};

struct patterns {
	enum pattern_syntax syntax;
	struct pattern *at;
	size_t count;
	uint64_t cost; /* of all lines, good or bad */
};

/* --- compiling ---------------------------------------------------------------------------------- */

static const char *
complaint_of(int error)
{
	switch (error) {
	case REG_EBRACK:
		return "pattern is ignored: '[' is not closed";
	case REG_EPAREN:
		return "pattern is ignored: parentheses do not match";
	case REG_EBRACE:
	case REG_BADBR:
		return "pattern is ignored: bad '{'";
	case REG_BADRPT:
		return "pattern is ignored: nothing to repeat";
	case REG_ESPACE:
		return "pattern is ignored: out of memory";
	default:
		return "pattern is ignored: no regular expression";
	}
}

/* "\1" is no part of these expressions, and where a library knows it, matching takes for ever. */
static bool
has_back_reference(struct view text)
{
	size_t i;

	for (i = 0; i + 1 < text.len; i++) {
		if (text.at[i] != '\\')
			continue;
		if (ascii_is_digit(text.at[++i]))
			return true;
	}
	return false;
}

static uint64_t
cost_of(struct view text, enum pattern_syntax syntax)
{
	return syntax == PATTERNS_REGEX ? regexcost(text, PATTERN_COST_MAX) : text.len;
}

static const char *
compile_regex(struct pattern *p)
{
	struct str text = { 0 };
	int error;

	str_set(&text, p->text);
	error = regcomp(&p->compiled, text.at, REG_EXTENDED | REG_ICASE | REG_NOSUB);
	str_free(&text);
	p->is_compiled = !error;
	return error ? complaint_of(error) : NULL;
}

/* NULL, or what is wrong with it.  A plain expression cannot be wrong. */
static const char *
compile(struct pattern *p, enum pattern_syntax syntax)
{
	if (p->text.len == 0)
		return "pattern is ignored: empty";
	if (view_index(p->text, '\0') < p->text.len)
		return "pattern is ignored: NUL";
	if (cost_of(p->text, syntax) > PATTERN_COST_MAX)
		return "pattern is ignored: too long, or too much repeated";
	if (syntax != PATTERNS_REGEX || regexliteral_has(p->text))
		return NULL;
	if (has_back_reference(p->text))
		return "pattern is ignored: back reference";
	return compile_regex(p);
}

static void
tell(const struct log *log, const char *file, size_t line, const char *what)
{
	struct problem problem;

	problem_note(&problem, file, line, what, 0);
	if (log)
		log_problem(log, &problem);
}

/* Take one line; false when there are too many. */
static bool
add(struct patterns *p, const struct control_entry *entry, const char *file,
    const struct log *log)
{
	struct pattern next = { .line = entry->line,
		.negated = *entry->text.at == '!',
		.text = entry->text };
	const char *wrong;

	p->cost += LINE_COST + cost_of(entry->text, p->syntax);
	if (p->cost > PATTERNS_COST_MAX) {
		tell(log, file, entry->line,
		    "too many patterns: from here on they are ignored");
		return false;
	}
	next.text = view_from(next.text, next.negated);
	wrong = compile(&next, p->syntax);
	if (wrong)
		tell(log, file, entry->line, wrong);
	else
		p->at[p->count++] = next;
	return true;
}

struct patterns *
patterns_make(const struct control_list *list, const char *file,
    enum pattern_syntax syntax, const struct log *log)
{
	struct patterns *p = mem_alloc(sizeof *p);
	size_t slots = list->count, i;

	if (slots > PATTERNS_COST_MAX / LINE_COST)
		slots = PATTERNS_COST_MAX / LINE_COST;
	*p = (struct patterns) { .syntax = syntax };
	p->at = mem_alloc(slots * sizeof *p->at);
	for (i = 0; i < list->count; i++) {
		char first = *list->entries[i].text.at;

		if (syntax == PATTERNS_WILDMAT_SENDER && (first == '?' || first == '~'))
			continue;
		if (!add(p, &list->entries[i], file, log))
			break;
	}
	return p;
}

void
patterns_free(struct patterns *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; i < p->count; i++)
		if (p->at[i].is_compiled)
			regfree(&p->at[i].compiled);
	mem_free(p->at);
	mem_free(p);
}

/* --- matching ----------------------------------------------------------------------------------- */

static bool
matches(struct pattern *p, const struct str *text)
{
	if (!p->is_compiled && regexliteral_rules_out(p->text, str_view(text)))
		return false;
	if (!p->is_compiled && compile_regex(p))
		mem_exhausted();
	return regexec(&p->compiled, text->at, 0, NULL, 0) == 0;
}

static size_t
find_regex(const struct patterns *p, struct view text)
{
	struct str copy = { 0 };
	size_t i, line = 0;

	str_set(&copy, text);
	for (i = 0; i < p->count && !line; i++)
		if (matches(&p->at[i], &copy) != p->at[i].negated)
			line = p->at[i].line;
	str_free(&copy);
	return line;
}

size_t
patterns_find(const struct patterns *p, struct view text)
{
	size_t i;

	text = view_first(text, PATTERN_TEXT_MAX);
	if (p->syntax == PATTERNS_REGEX)
		return find_regex(p, text);
	for (i = 0; i < p->count; i++)
		if (wildmat(p->at[i].text, text))
			return p->at[i].negated ? 0 : p->at[i].line;
	return 0;
}
