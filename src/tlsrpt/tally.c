#include "tlsrpt/tally.h"

#include <stdlib.h>

#include "lib/mem.h"

/* A note is parsed with a time in front of it: any. */
static const char TIME[] = "1 0 ";

static bool
without_time(struct view line, struct view *out)
{
	struct view version, time, rest;

	if (!view_cut(line, ' ', &version, &rest) || !view_cut(rest, ' ', &time, &rest))
		return false;
	*out = rest;
	return true;
}

static int
compare(const void *a, const void *b)
{
	const struct view *left = a, *right = b;

	return view_compare(*left, *right);
}

void
tally_make(struct tally *t, struct view bytes)
{
	struct tlsrpt_session session;
	struct str room = { 0 };
	struct view line;
	size_t size = 0;

	*t = (struct tally) { 0 };
	while (view_cut(bytes, '\n', &line, &bytes)) {
		if (t->count == size) {
			size = size ? 2 * size : 64;
			t->lines = mem_resize(t->lines, size * sizeof *t->lines);
		}
		if (tlsrpt_parse(line, &room, &session) &&
		    without_time(line, &t->lines[t->count]))
			t->count++;
		else
			t->strange++;
	}
	str_free(&room);
	if (t->count > 0)
		qsort(t->lines, t->count, sizeof *t->lines, compare);
}

void
tally_free(struct tally *t)
{
	mem_free(t->lines);
	*t = (struct tally) { 0 };
}

bool
tally_next(const struct tally *t, size_t *at, struct str *room,
    struct tlsrpt_session *session, uint64_t *sessions)
{
	struct str line = { 0 };
	size_t end = *at;
	bool ok;

	if (*at >= t->count)
		return false;
	while (end < t->count && view_equal(t->lines[end], t->lines[*at]))
		end++;
	str_append_text(&line, TIME);
	str_append(&line, t->lines[*at]);
	ok = tlsrpt_parse(str_view(&line), room, session);
	*sessions = end - *at;
	*at = end;
	str_free(&line);
	return ok;
}
