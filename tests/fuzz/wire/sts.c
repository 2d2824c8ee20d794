/* A file of cache/sts: what is taken for one says the same when it is written again. */
#include <stdint.h>
#include <stdlib.h>

#include "wire/sts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sts_kept first, second;
	struct str bytes = { 0 };

	if (sts_kept_parse((struct view) { (const char *)data, size }, &first)) {
		sts_kept_format(&bytes, &first);
		if (!sts_kept_parse(str_view(&bytes), &second) ||
		    !view_equal(first.mx, second.mx) || first.expires != second.expires ||
		    first.mode != second.mode || !view_equal(first.domain, second.domain))
			abort();
		sts_matches(first.mx, first.domain);
	}
	str_free(&bytes);
	return 0;
}
