#include "content/base64types.h"

#include <string.h>

#include "lib/ascii.h"

void
base64types_part(struct base64types_state *s, bool is_base64)
{
	*s = (struct base64types_state) { .is_active = is_base64 };
}

static enum base64types_finding
look_up(struct cdbmap *map, struct view key, enum base64types_finding bad,
    struct problem *problem)
{
	switch (cdbmap_find(map, key, NULL, problem)) {
	case ANSWER_YES:
		return bad;
	case ANSWER_NO:
		return BASE64_NOTHING;
	default:
		return BASE64_UNKNOWN;
	}
}

static enum base64types_finding
add_to_first(const struct base64types *t, struct base64types_state *s, char c,
    struct problem *problem)
{
	if (!t->mime || s->first_len == BADMIMETYPE_KEY)
		return BASE64_NOTHING;
	s->first[s->first_len++] = c;
	if (s->first_len < BADMIMETYPE_KEY)
		return BASE64_NOTHING;
	return look_up(
	    t->mime, (struct view) { s->first, s->first_len }, BASE64_BAD_MIME, problem);
}

static enum base64types_finding
add_to_window(const struct base64types *t, struct base64types_state *s, char c,
    struct problem *problem)
{
	if (!t->loader)
		return BASE64_NOTHING;
	if (s->window_len == BADLOADERTYPE_KEY)
		memmove(s->window, s->window + 1, --s->window_len);
	s->window[s->window_len++] = c;
	if (s->window_len < BADLOADERTYPE_KEY ||
	    (!t->any_start && s->window[0] != t->start))
		return BASE64_NOTHING;
	return look_up(t->loader, (struct view) { s->window, s->window_len },
	    BASE64_BAD_LOADER, problem);
}

/* A blank is inside a line if there is something on both sides of it: those at a line's end may be of a
 * host on the way. */
static enum base64types_finding
take_octet(const struct base64types *t, struct base64types_state *s, char c,
    struct problem *problem)
{
	enum base64types_finding found;

	if (ascii_is_blank(c)) {
		s->saw_blank = s->saw_text;
		return add_to_window(t, s, c, problem);
	}
	if (t->no_blanks && s->saw_blank)
		return BASE64_BLANK;
	s->saw_text = true;
	found = add_to_first(t, s, c, problem);
	return found != BASE64_NOTHING ? found : add_to_window(t, s, c, problem);
}

enum base64types_finding
base64types_take(const struct base64types *t, struct base64types_state *s,
    struct view piece, bool ends, struct problem *problem)
{
	enum base64types_finding found = BASE64_NOTHING;
	size_t i;

	for (i = 0; s->is_active && i < piece.len && found == BASE64_NOTHING; i++)
		found = take_octet(t, s, piece.at[i], problem);
	if (ends) {
		s->window_len = 0;
		s->saw_text = s->saw_blank = false;
	}
	return found;
}
