/* pack - numbers in packets and records: big-endian, 1 to 8 octets. */
#ifndef LIB_PACK_H
#define LIB_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

/* Append the low `octets` of `n`. */
void pack_add(struct str *out, uint64_t n, int octets);

/* Take a number, or `len` octets, from the front of what is left.  False, with both untouched, if
 * that is too short. */
bool pack_take(struct view *rest, int octets, uint64_t *out);
bool pack_take_octets(struct view *rest, size_t len, struct view *out);

#endif
