/* TXT records, one a line: an id that comes out of them can be kept. */
#include <stdint.h>
#include <stdlib.h>

#include "sts/record.h"
#include "wire/sts.h"

enum { TEXTS = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view texts[TEXTS], rest = { (const char *)data, size }, id;
	size_t count = 0, i;

	while (count < TEXTS && view_cut(rest, '\n', &texts[count], &rest))
		count++;
	if (record_find(texts, count, &id) != RECORD_ONE)
		return 0;
	if (id.len == 0 || id.len > STS_ID_MAX)
		abort();
	for (i = 0; i < id.len; i++)
		if (id.at[i] <= ' ')
			abort();
	return 0;
}
