#include "content/lines.h"

#include <string.h>

static void
give(struct lines *l, bool ends, lines_take *take, void *context)
{
	take(context, (struct view) { l->held, l->len }, !l->is_inside, ends);
	l->len = 0;
	l->is_inside = !ends;
}

/* A part of a line, to be held; what was held goes when there is no room, never before. */
static void
hold(struct lines *l, struct view part, lines_take *take, void *context)
{
	while (part.len > 0) {
		size_t room, count;

		if (l->len == LINES_PIECE)
			give(l, false, take, context);
		room = LINES_PIECE - l->len;
		count = part.len < room ? part.len : room;
		memcpy(l->held + l->len, part.at, count);
		l->len += count;
		part = view_from(part, count);
	}
}

void
lines_push(struct lines *l, struct view octets, lines_take *take, void *context)
{
	while (octets.len > 0) {
		size_t end = view_index(octets, '\n');
		struct view part = view_first(octets, end);
		bool is_whole = end < octets.len && l->len == 0 && !l->is_inside;

		if (is_whole && part.len <= LINES_PIECE) {
			take(context, part, true, true);
		} else {
			hold(l, part, take, context);
			if (end < octets.len)
				give(l, true, take, context);
		}
		octets = view_from(octets, end + 1);
	}
}

void
lines_end(struct lines *l, lines_take *take, void *context)
{
	if (l->len > 0 || l->is_inside)
		give(l, true, take, context);
}
