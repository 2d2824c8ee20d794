#include "smtp/bodywriter.h"

#include <string.h>

/* Where the line at `from` ends: at its first CR or LF, or at the end of the octets.  memchr() is
 * much faster than a loop.  `lf` remembers the next LF between calls, so that many bare CRs do not
 * make us look for it again and again; SIZE_MAX at first. */
static size_t
line_end(struct view octets, size_t from, size_t *lf)
{
	if (*lf == SIZE_MAX || *lf < from)
		*lf = from + view_index(view_from(octets, from), '\n');
	return from + view_index((struct view) { octets.at + from, *lf - from }, '\r');
}

static void
add_line_part(struct bodywriter *b, struct view part, struct str *out)
{
	if (part.len == 0)
		return;
	if (b->form == BODY_DATA && !b->in_line && part.at[0] == '.')
		str_append_byte(out, '.');
	str_append(out, part);
	b->in_line = true;
	b->after_cr = false;
}

void
bodywriter_add(struct bodywriter *b, struct view octets, struct str *out)
{
	size_t i = 0, lf = SIZE_MAX;

	while (i < octets.len) {
		size_t end = line_end(octets, i, &lf);

		add_line_part(b, (struct view) { octets.at + i, end - i }, out);
		if (end == octets.len)
			return;
		if (octets.at[end] == '\r' || !b->after_cr)
			str_append(out, b->form == BODY_LF ? VIEW("\n") : VIEW("\r\n"));
		b->after_cr = octets.at[end] == '\r';
		b->in_line = false;
		i = end + 1;
	}
}

bool
bodywriter_is_partial(const struct bodywriter *b)
{
	return b->in_line;
}

static bool
has_eight_bit(struct view v)
{
	uint64_t word, seen = 0;
	size_t i;

	for (i = 0; i + sizeof word <= v.len; i += sizeof word) {
		memcpy(&word, v.at + i, sizeof word);
		seen |= word;
	}
	for (; i < v.len; i++)
		seen |= (unsigned char)v.at[i];
	return (seen & UINT64_C(0x8080808080808080)) != 0;
}

void
bodyscan_add(struct bodyscan *s, struct view octets)
{
	size_t i = 0, lf = SIZE_MAX;

	s->eight_bit = s->eight_bit || has_eight_bit(octets);
	while (i < octets.len) {
		size_t end = line_end(octets, i, &lf);

		s->octets += end - i;
		s->column += end - i;
		if (s->column > s->longest)
			s->longest = s->column;
		s->after_cr = s->after_cr && end == i;
		if (end == octets.len)
			return;
		if (octets.at[end] == '\r' || !s->after_cr) {
			s->octets += 2;
			s->lines++;
		}
		s->column = 0;
		s->after_cr = octets.at[end] == '\r';
		i = end + 1;
	}
}
