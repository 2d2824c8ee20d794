/* fmt - numbers as text, appended to a str. */
#ifndef LIB_FMT_H
#define LIB_FMT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"

void fmt_u64(struct str *out, uint64_t n);
void fmt_u64_padded(struct str *out, uint64_t n, size_t width); /* zeros on the left */
void fmt_hex(struct str *out, struct view bytes); /* lower case, two digits a byte */

/* The same into a buffer of at least FMT_U64_MAX bytes, NUL-terminated; returns the digits'
 * view.  Allocates nothing. */
enum { FMT_U64_MAX = 21 };
struct view fmt_u64_into(char *buffer, uint64_t n);

#endif
