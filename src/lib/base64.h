/* base64 - RFC 4648 section 4, with padding, no line breaks. */
#ifndef LIB_BASE64_H
#define LIB_BASE64_H

#include <stdbool.h>

#include "lib/str.h"
#include "lib/view.h"

void base64_encode(struct str *out, struct view bytes); /* appends */

/* Append what `text` stands for.  False, `out` as it was, for a foreign byte, a wrong length,
 * wrong padding, or bits set that the padding says are not there. */
bool base64_decode(struct str *out, struct view text);

#endif
