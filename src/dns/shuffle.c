#include "dns/shuffle.h"

#include <string.h>

/* One step of a counter whose value is mixed well (the finalizer of MurmurHash3): plenty for an
 * order, and no secret. */
static uint64_t
next(uint64_t *seed)
{
	uint64_t n = *seed += UINT64_C(0x9e3779b97f4a7c15);

	n = (n ^ n >> 33) * UINT64_C(0xff51afd7ed558ccd);
	n = (n ^ n >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return n ^ n >> 33;
}

size_t
shuffle_below(uint64_t *seed, size_t bound)
{
	return (size_t)(next(seed) % bound); /* the bias is bound / 2^64 */
}

void
shuffle(void *elements, size_t count, size_t size, uint64_t *seed)
{
	char *base = elements, kept[SHUFFLE_SIZE];
	size_t i, other;

	for (i = count; i > 1; i--) {
		other = shuffle_below(seed, i);
		memcpy(kept, base + (i - 1) * size, size);
		memmove(base + (i - 1) * size, base + other * size, size);
		memcpy(base + other * size, kept, size);
	}
}
