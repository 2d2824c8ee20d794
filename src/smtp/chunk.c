#include "smtp/chunk.h"

#include "lib/scan.h"

bool
chunk_parse(struct view argument, struct chunk *out)
{
	struct view number = view_first(argument, view_index(argument, ' '));
	struct view word =
	    view_trim_right(view_trim_left(view_from(argument, number.len)));
	uint64_t octets;

	if (!scan_whole_u64(number, &octets) || octets == UINT64_MAX)
		return false;
	if (word.len > 0 && !view_equal_nocase(word, VIEW("LAST")))
		return false;
	*out = (struct chunk) { octets, word.len > 0 };
	return true;
}
