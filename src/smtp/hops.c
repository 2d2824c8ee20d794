#include "smtp/hops.h"

#include <string.h>

void
hops_note(struct hops *h, struct view octets)
{
	size_t room = HOPS_NAME - h->name_len;

	if (h->in_body || room == 0)
		return;
	octets = view_first(octets, room);
	if (octets.len)
		memcpy(h->name + h->name_len, octets.at, octets.len);
	h->name_len += octets.len;
}

static bool
is_hop(const struct hops *h)
{
	struct view line = { h->name, h->name_len };

	if (h->rule == HOPS_BY_PREFIX)
		return view_starts_nocase(line, VIEW("received")) ||
		    view_starts_nocase(line, VIEW("delivered"));
	return view_starts_nocase(line, VIEW("received:")) ||
	    view_starts_nocase(line, VIEW("delivered-to:"));
}

void
hops_line_ends(struct hops *h)
{
	if (!h->in_body) {
		h->count += is_hop(h);
		h->in_body = h->name_len == 0;
	}
	h->name_len = 0;
}

void
hops_push(struct hops *h, struct view octets)
{
	while (octets.len > 0 && !h->in_body) {
		size_t line = view_index(octets, '\n');

		hops_note(h, view_first(octets, line));
		if (line < octets.len)
			hops_line_ends(h);
		octets = view_from(octets, line + 1);
	}
}
