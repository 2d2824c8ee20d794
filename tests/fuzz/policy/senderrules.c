/* mailfromrules.cdb: the first line of the input is a sender, the rest the data of a key.  Data allows a
 * sender if it is empty or one of its parts is how the sender ends, in any case, and nobody else. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/str.h"
#include "policy/senderrules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
has_end(struct view sender, struct view data)
{
	size_t from, to;

	for (from = 0; from < data.len; from++)
		for (to = from + 1; to <= data.len; to++) {
			struct view part = view_first(view_from(data, from), to - from);

			if ((from == 0 || data.at[from - 1] == '+') &&
			    (to == data.len || data.at[to] == '+') &&
			    view_index(part, '+') == part.len &&
			    view_ends_nocase(sender, part))
				return true;
		}
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view sender = { (const char *)data, size }, rest = VIEW("");
	struct str lower = { 0 };
	bool allowed;

	if (size > 256)
		return 0;
	view_cut(sender, '\n', &sender, &rest);
	allowed = senderrules_match(rest, sender);
	if (allowed != (rest.len == 0 || has_end(sender, rest)))
		abort();
	str_append_lower(&lower, sender);
	if (senderrules_match(rest, str_view(&lower)) != allowed)
		abort();
	str_free(&lower);
	return 0;
}
