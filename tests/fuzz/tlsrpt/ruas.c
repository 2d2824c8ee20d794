/* TXT records, one a line: whatever comes out of them can be an argument, a field and a URL. */
#include <stdint.h>
#include <stdlib.h>

#include "tlsrpt/ruas.h"

enum { TEXTS = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view texts[TEXTS], rest = { (const char *)data, size };
	struct rua ruas[RUAS_MAX];
	size_t count = 0, i, j, found;

	while (count < TEXTS && view_cut(rest, '\n', &texts[count], &rest))
		count++;
	found = ruas_find(texts, count, ruas);
	for (i = 0; i < found; i++) {
		if (ruas[i].target.len == 0 || ruas[i].target.at[0] == '-')
			abort();
		for (j = 0; j < ruas[i].target.len; j++)
			if (ruas[i].target.at[j] <= ' ' || ruas[i].target.at[j] > '~')
				abort();
		if (ruas[i].kind == RUA_HTTPS && rua_host(&ruas[i]).len == 0)
			abort();
	}
	return 0;
}
