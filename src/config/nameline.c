#include "config/nameline.h"

#include <limits.h>

#include "config/control.h"

/* A multiple of what a vector register holds, so that compilers make vector code of the loops over
 * a block: they have no exit but their end. */
enum { BLOCK = 128, PROBES = 3 };

/* What the two cases of a letter differ in, and some other pairs of bytes. */
enum { CASE_BIT = 0x20 };

/* Some of the bytes that a line begins with, if it has the wanted name. */
struct needle {
	size_t len; /* of the name and the separator */
	size_t at[PROBES];
	unsigned char byte[PROBES];
};

struct view
nameline_at(struct view text, size_t offset)
{
	struct view rest = view_from(text, offset);

	return view_first(rest, view_index(rest, '\n'));
}

bool
nameline_parse(struct view line, char separator, struct view *name, struct view *value)
{
	struct view text;

	if (!control_entry_text(line, &text))
		return false;
	if (separator)
		return view_cut(text, separator, name, value);
	*name = text;
	*value = VIEW("");
	return true;
}

size_t
nameline_count(struct view text)
{
	size_t total = 0, i, k;

	for (i = 0; i + BLOCK <= text.len; i += BLOCK) {
		unsigned char count = 0;

		for (k = 0; k < BLOCK; k++)
			count = (unsigned char)(count + (text.at[i + k] == '\n'));
		total += count;
	}
	for (; i < text.len; i++)
		total += text.at[i] == '\n';
	return total;
}

/* Not the first byte: many lines share it, '@' or '.'; nor the last ones, their domain's. */
static struct needle
needle_of(struct view name, char separator)
{
	struct needle n = { .len = name.len + (separator != 0) };
	size_t i;

	n.at[0] = n.len > 1;
	n.at[1] = n.len / 3;
	n.at[2] = n.len / 2;
	for (i = 0; i < PROBES; i++)
		n.byte[i] =
		    (unsigned char)(n.at[i] < name.len ? name.at[n.at[i]] : separator);
	return n;
}

/* May one of the BLOCK bytes at `at` be the LF in front of a wanted line? */
static bool
is_candidate_in(const char *at, const struct needle *n)
{
	const unsigned char *lf = (const unsigned char *)at;
	const unsigned char *a = lf + 1 + n->at[0], *b = lf + 1 + n->at[1],
			    *c = lf + 1 + n->at[2];
	unsigned char least = UCHAR_MAX;
	size_t i;

	for (i = 0; i < BLOCK; i++) {
		unsigned char difference =
		    (unsigned char)(((lf[i] ^ '\n') | (a[i] ^ n->byte[0]) |
					(b[i] ^ n->byte[1]) | (c[i] ^ n->byte[2])) &
			~CASE_BIT);

		least = difference < least ? difference : least;
	}
	return least == 0;
}

/* The start of the first line behind `offset` that may be wanted, or text.len.  The end of the text,
 * which has no room for blocks, is left to the caller line by line. */
static size_t
next_candidate(struct view text, size_t offset, const struct needle *n)
{
	size_t i = offset;

	while (i + BLOCK + n->len <= text.len && !is_candidate_in(text.at + i, n))
		i += BLOCK;
	i += view_index(view_from(text, i), '\n');
	return i < text.len ? i + 1 : text.len;
}

size_t
nameline_find_last(struct view text, struct view name, char separator)
{
	struct needle needle = needle_of(name, separator);
	size_t at = 0, found = text.len;

	if (needle.len == 0)
		return found;
	for (; at < text.len; at = next_candidate(text, at, &needle)) {
		struct view its_name, value;

		if (nameline_parse(nameline_at(text, at), separator, &its_name, &value) &&
		    view_equal_nocase(its_name, name))
			found = at;
	}
	return found;
}
