/* base64: decoding never writes past what it says, and what decodes encodes to the same text. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = { (const char *)data, size };
	struct str bytes = { 0 }, again = { 0 };

	if (base64_decode(&bytes, text)) {
		base64_encode(&again, str_view(&bytes));
		if (!view_equal(str_view(&again), text))
			abort();
	} else if (bytes.len != 0) {
		abort();
	}
	str_free(&bytes);
	str_free(&again);
	return 0;
}
