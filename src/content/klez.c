#include "content/klez.h"

void
klez_part(struct klez *k, struct view type)
{
	bool may_be =
	    view_starts(type, VIEW("audio/")) || view_starts(type, VIEW("application/"));

	k->lines_left = may_be ? KLEZ_LINES : 0;
}

void
klez_take(struct klez *k, struct view line)
{
	if (k->lines_left == 0)
		return;
	k->lines_left--;
	if (view_starts(line, VIEW("TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQA")))
		k->is_found = true;
}

bool
klez_is_found(const struct klez *k, uint64_t octets)
{
	return k->is_found && octets >= KLEZ_OCTETS;
}
