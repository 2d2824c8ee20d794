/* scan - numbers from outside.  A value too large for its type saturates at the maximum. */
#ifndef LIB_SCAN_H
#define LIB_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/view.h"

/* Read the decimal digits that `v` starts with.  Returns how many there were; *out is untouched
 * if there were none. */
size_t scan_u64(struct view v, uint64_t *out);
size_t scan_u32(struct view v, uint32_t *out);

/* True if all of `v`, at least one byte, is decimal digits; then *out is their value. */
bool scan_whole_u64(struct view v, uint64_t *out);

/* The value of a hexadecimal digit, or -1. */
int scan_hex_digit(char c);

#endif
