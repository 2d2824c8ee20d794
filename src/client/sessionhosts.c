#include "client/sessionhosts.h"

static bool
has(const struct sessionhosts *h, struct view host)
{
	struct view name, rest = str_view(&h->names);

	while (view_cut(rest, '\n', &name, &rest))
		if (view_equal_nocase(name, host))
			return true;
	return false;
}

bool
sessionhosts_may(const struct sessionhosts *h, struct view host, uint64_t limit)
{
	return limit == 0 || h->count < limit || has(h, host);
}

void
sessionhosts_note(struct sessionhosts *h, struct view host, uint64_t limit)
{
	if (limit == 0 || has(h, host))
		return;
	str_append(&h->names, host);
	str_append_byte(&h->names, '\n');
	h->count++;
}

void
sessionhosts_free(struct sessionhosts *h)
{
	str_free(&h->names);
	*h = (struct sessionhosts) { .count = 0 };
}
