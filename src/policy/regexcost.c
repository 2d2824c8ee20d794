#include "policy/regexcost.h"

#include <stddef.h>

#include "lib/ascii.h"
#include "lib/scan.h"

enum { DEPTH_MAX = 32 };

struct count {
	uint64_t max;
	uint64_t outer[DEPTH_MAX]; /* of what encloses the open parentheses */
	size_t depth;
	uint64_t sum;  /* in the innermost ones */
	uint64_t last; /* of that, what an interval would repeat */
};

/* The length of the bracket expression that `text` starts with: "[]a]", "[[:digit:].]". */
static size_t
bracket_len(struct view text)
{
	size_t i = 1;

	if (i < text.len && text.at[i] == '^')
		i++;
	if (i < text.len && text.at[i] == ']')
		i++;
	for (; i < text.len && text.at[i] != ']'; i++) {
		char kind = i + 1 < text.len ? text.at[i + 1] : 0;

		if (text.at[i] != '[' || (kind != ':' && kind != '.' && kind != '='))
			continue;
		for (i += 2; i + 1 < text.len; i++)
			if (text.at[i] == kind && text.at[i + 1] == ']')
				break;
		i++;
	}
	return i < text.len ? i + 1 : text.len;
}

static void
add(struct count *c, uint64_t cost)
{
	c->last = cost;
	c->sum += cost;
	if (c->sum > c->max)
		c->sum = c->max + 1;
}

/* The interval that `text` starts with; its length. */
static size_t
repeat(struct count *c, struct view text)
{
	size_t end = view_index(text, '}'), i;
	uint64_t most = 1, number = 0;

	for (i = 1; i < end; i++) {
		if (!ascii_is_digit(text.at[i]))
			continue;
		i += scan_u64(view_from(text, i), &number) - 1;
		most = number > most ? number : most;
	}
	if (most > c->max)
		most = c->max + 1;
	c->sum -= c->last < c->sum ? c->last : c->sum;
	add(c, c->last * most);
	return end < text.len ? end + 1 : end;
}

/* "x+" is "xx*": each plus of "x++++" doubles it. */
static void
repeat_once(struct count *c)
{
	uint64_t copy = c->last + 1;

	add(c, copy);
	c->last = 2 * copy - 1;
}

static void
open_group(struct count *c)
{
	if (c->depth == DEPTH_MAX) {
		c->sum = c->max + 1;
		return;
	}
	c->outer[c->depth++] = c->sum;
	c->sum = c->last = 0;
}

static void
close_group(struct count *c)
{
	uint64_t inner = c->sum + 1;

	if (c->depth == 0)
		return;
	c->sum = c->outer[--c->depth];
	add(c, inner);
}

/* What the next part of the expression costs; its length. */
static size_t
take(struct count *c, struct view text)
{
	switch (*text.at) {
	case '\\':
		add(c, 1);
		return text.len > 1 ? 2 : 1;
	case '[':
		add(c, 1);
		return bracket_len(text);
	case '(':
		open_group(c);
		return 1;
	case ')':
		close_group(c);
		return 1;
	case '{':
		return repeat(c, text);
	case '+':
		repeat_once(c);
		return 1;
	case '*':
	case '?':
		c->last++; /* "(a*){9}" and "a*{9}" are the same */
		c->sum++;
		return 1;
	default:
		add(c, 1);
		return 1;
	}
}

uint64_t
regexcost(struct view text, uint64_t max)
{
	struct count c = { .max = max };

	while (text.len && c.sum <= max)
		text = view_from(text, take(&c, text));
	while (c.depth && c.sum <= max)
		c.sum += c.outer[--c.depth];
	return c.sum > max ? max + 1 : c.sum;
}
