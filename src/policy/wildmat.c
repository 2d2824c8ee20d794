#include "policy/wildmat.h"

#include "lib/ascii.h"

static char
octet_of(char c, bool folds)
{
	return folds ? ascii_lower(c) : c;
}

/* The set that `pattern` starts with, "[...]", whose first member may be ']'.  Its length; 0 if it is
 * not closed, and then '[' stands for itself.  *is_in says whether `c`, folded, is of it. */
static size_t
match_set(struct view pattern, unsigned char c, bool folds, bool *is_in)
{
	bool negated = pattern.len > 1 && pattern.at[1] == '^';
	size_t first = negated ? 2 : 1, i;

	*is_in = negated;
	for (i = first; i < pattern.len; i++) {
		unsigned char low, high;

		if (pattern.at[i] == ']' && i > first)
			return i + 1;
		low = high = (unsigned char)octet_of(pattern.at[i], folds);
		if (i + 2 < pattern.len && pattern.at[i + 1] == '-' &&
		    pattern.at[i + 2] != ']') {
			high = (unsigned char)octet_of(pattern.at[i + 2], folds);
			i += 2;
		}
		if (low <= c && c <= high)
			*is_in = !negated;
	}
	return 0;
}

/* How much of `pattern`, which begins with no '*', stands for the octet; 0 if it does not match. */
static size_t
match_one(struct view pattern, char octet, bool folds)
{
	char c = octet_of(octet, folds);
	bool is_in;
	size_t len;

	if (pattern.len == 0)
		return 0;
	if (*pattern.at == '?')
		return 1;
	if (*pattern.at == '[') {
		len = match_set(pattern, (unsigned char)c, folds, &is_in);
		if (len)
			return is_in ? len : 0;
	}
	if (*pattern.at == '\\' && pattern.len > 1)
		return octet_of(pattern.at[1], folds) == c ? 2 : 0;
	return octet_of(*pattern.at, folds) == c ? 1 : 0;
}

/* Where it does not go on, the last '*' takes one octet more: an earlier one never needs to. */
static bool
match(struct view pattern, struct view text, bool folds)
{
	struct view behind_star = { 0 }, retry = { 0 };
	bool has_star = false;
	size_t used;

	while (text.len) {
		if (pattern.len && *pattern.at == '*') {
			pattern = view_from(pattern, 1);
			behind_star = pattern;
			retry = text;
			has_star = true;
			continue;
		}
		used = match_one(pattern, *text.at, folds);
		if (used) {
			pattern = view_from(pattern, used);
			text = view_from(text, 1);
		} else if (has_star) {
			pattern = behind_star;
			retry = view_from(retry, 1);
			text = retry;
		} else {
			return false;
		}
	}
	while (pattern.len && *pattern.at == '*')
		pattern = view_from(pattern, 1);
	return pattern.len == 0;
}

bool
wildmat(struct view pattern, struct view text)
{
	return match(pattern, text, true);
}

bool
wildmat_exact(struct view pattern, struct view text)
{
	return match(pattern, text, false);
}
