/* A name that somebody wrote.  What comes out is one, and stays itself. */
#include <stdint.h>
#include <stdlib.h>

#include "ares/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str once = { 0 }, twice = { 0 };

	if (size <= 1000 &&
	    name_to_ascii((struct view) { (const char *)data, size }, &once) &&
	    (once.len == 0 || once.len > NAME_MAX_OCTETS ||
		!name_to_ascii(str_view(&once), &twice) ||
		!view_equal(str_view(&once), str_view(&twice))))
		abort();
	str_free(&once);
	str_free(&twice);
	return 0;
}
