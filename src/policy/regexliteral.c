#include "policy/regexliteral.h"

#include <stddef.h>

#include "lib/ascii.h"

enum { DEPTH_MAX = 32 };

enum kind {
	KIND_END,
	KIND_UNKNOWN,
	KIND_CHARACTER, /* itself, maybe behind a backslash */
	KIND_SET,       /* '.' or a bracket expression */
	KIND_ANCHOR,
	KIND_MAYBE, /* '*' or '?' */
	KIND_MORE,  /* '+' */
	KIND_OPEN,
	KIND_CLOSE,
	KIND_OR,
};

struct token {
	enum kind kind;
	size_t len;
};

/* --- tokens ---------------------------------------------------------------------------------------- */

static bool
is_word(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c);
}

static bool
is_one_of(char c, const char *list)
{
	return c && view_index(view_of(list), c) < view_of(list).len;
}

static bool
is_range(char low, char high)
{
	return is_word(low) && is_word(high) && low <= high &&
	    ascii_is_digit(low) == ascii_is_digit(high) &&
	    (ascii_lower(low) == low) == (ascii_lower(high) == high);
}

/* How much of a bracket expression `text` starts with: a range, or a character that means no more
 * than it says; 0: neither.  A '-' may be the first or the last one. */
static size_t
element_len(struct view text, bool is_first)
{
	char next = text.len > 1 ? text.at[1] : '\0';
	char high = text.len > 2 ? text.at[2] : '\0';

	if (next == '-' && high != ']')
		return is_range(text.at[0], high) ? 3 : 0;
	if (text.at[0] == '-')
		return is_first || next == ']';
	return is_word(text.at[0]) || is_one_of(text.at[0], "._@ ");
}

/* "[a-z0-9._-]", "[^@]". */
static struct token
bracket(struct view text)
{
	size_t i = 1, first, len;

	if (i < text.len && text.at[i] == '^')
		i++;
	for (first = i; i < text.len && text.at[i] != ']'; i += len) {
		len = element_len(view_from(text, i), i == first);
		if (len == 0)
			return (struct token) { KIND_UNKNOWN, 0 };
	}
	if (i == text.len || i == first)
		return (struct token) { KIND_UNKNOWN, 0 };
	return (struct token) { KIND_SET, i + 1 };
}

static struct token
next_token(struct view text)
{
	static const struct {
		char c;
		enum kind kind;
	} one[] = { { '.', KIND_SET }, { '^', KIND_ANCHOR }, { '$', KIND_ANCHOR },
		{ '*', KIND_MAYBE }, { '?', KIND_MAYBE }, { '+', KIND_MORE },
		{ '(', KIND_OPEN }, { ')', KIND_CLOSE }, { '|', KIND_OR } };
	size_t i;

	if (text.len == 0)
		return (struct token) { KIND_END, 0 };
	for (i = 0; i < sizeof one / sizeof *one; i++)
		if (text.at[0] == one[i].c)
			return (struct token) { one[i].kind, 1 };
	if (text.at[0] == '[')
		return bracket(text);
	if (is_word(text.at[0]) || is_one_of(text.at[0], "@-_=/,%&~ "))
		return (struct token) { KIND_CHARACTER, 1 };
	if (text.at[0] == '\\' && text.len > 1 &&
	    is_one_of(text.at[1], ".@-_+*?^$|()[]/"))
		return (struct token) { KIND_CHARACTER, 2 };
	return (struct token) { KIND_UNKNOWN, 0 };
}

/* --- is it a plain one? ----------------------------------------------------------------------------- */

/* May `next` come behind `last`?  KIND_OR stands for every beginning, KIND_SET for what can be
 * repeated. */
static bool
is_in_order(enum kind last, enum kind next)
{
	switch (next) {
	case KIND_UNKNOWN:
		return false;
	case KIND_MAYBE:
	case KIND_MORE:
		return last == KIND_SET;
	case KIND_OR:
	case KIND_CLOSE:
	case KIND_END:
		return last != KIND_OR;
	default:
		return true;
	}
}

static enum kind
class_of(enum kind kind)
{
	switch (kind) {
	case KIND_CHARACTER:
	case KIND_CLOSE:
		return KIND_SET;
	case KIND_OPEN:
		return KIND_OR;
	default:
		return kind;
	}
}

bool
regexliteral_has(struct view regex)
{
	enum kind last = KIND_OR;
	struct token token;
	size_t depth = 0;
	bool found = false;

	do {
		token = next_token(regex);
		regex = view_from(regex, token.len);
		if (!is_in_order(last, token.kind) || depth > DEPTH_MAX)
			return false;
		if ((token.kind == KIND_OR || token.kind == KIND_CLOSE) && depth == 0)
			return false;
		if (token.kind == KIND_CHARACTER && depth == 0 &&
		    next_token(regex).kind != KIND_MAYBE)
			found = true;
		depth += token.kind == KIND_OPEN;
		depth -= token.kind == KIND_CLOSE;
		last = class_of(token.kind);
	} while (token.kind != KIND_END);
	return found && depth == 0;
}

/* --- what must be there ------------------------------------------------------------------------------ */

/* Does `text` start with the characters of `run`, which has backslashes in it? */
static bool
starts(struct view text, struct view run)
{
	size_t i, k = 0;

	for (i = 0; i < run.len; i++) {
		if (run.at[i] == '\\')
			i++;
		if (k == text.len || ascii_lower(text.at[k++]) != ascii_lower(run.at[i]))
			return false;
	}
	return true;
}

static bool
contains(struct view text, struct view run)
{
	for (; text.len > 0; text = view_from(text, 1))
		if (starts(text, run))
			return true;
	return run.len == 0;
}

/* The characters that follow each other at the start of `regex`, and are all in whatever matches. */
static struct view
run_of(struct view regex)
{
	struct view rest = regex;
	struct token token = next_token(rest);

	while (token.kind == KIND_CHARACTER) {
		struct view behind = view_from(rest, token.len);

		token = next_token(behind);
		if (token.kind == KIND_MAYBE)
			break;
		rest = behind;
		if (token.kind == KIND_MORE)
			break;
	}
	return view_first(regex, regex.len - rest.len);
}

bool
regexliteral_rules_out(struct view regex, struct view text)
{
	size_t depth = 0;

	while (regex.len > 0) {
		struct view run = depth == 0 ? run_of(regex) : VIEW("");
		struct token token = next_token(regex);

		if (run.len > 0 && !contains(text, run))
			return true;
		depth += token.kind == KIND_OPEN;
		depth -= token.kind == KIND_CLOSE;
		regex = view_from(regex, run.len > 0 ? run.len : token.len);
	}
	return false;
}
