#include "content/htmlonly.h"

void
htmlonly_part(struct htmlonly *h, const struct mime *m)
{
	struct view type = mime_type(m);

	h->is_text = false;
	if (m->part.embedded > 0 || m->part.is_attachment)
		return;
	h->is_text = view_equal(type, VIEW("text/plain"));
	if (view_equal(type, VIEW("text/html")))
		h->has_html = true;
}

void
htmlonly_take(struct htmlonly *h, struct view piece)
{
	if (h->is_text && view_trim_left(view_trim_right(piece)).len > 0)
		h->has_text = true;
}

bool
htmlonly_is(const struct htmlonly *h)
{
	return h->has_html && !h->has_text;
}
