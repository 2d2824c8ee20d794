/* shuffle - a fair order of equals, from a random seed: the same seed gives the same order. */
#ifndef DNS_SHUFFLE_H
#define DNS_SHUFFLE_H

#include <stddef.h>
#include <stdint.h>

/* A number below `bound` (at least 1); *seed moves on. */
size_t shuffle_below(uint64_t *seed, size_t bound);

/* Put `count` elements of `size` octets (at most SHUFFLE_SIZE) in a random order. */
enum { SHUFFLE_SIZE = 64 };
void shuffle(void *elements, size_t count, size_t size, uint64_t *seed);

#endif
