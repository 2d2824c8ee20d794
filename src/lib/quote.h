/* quote - the local part of an address as RFC 821 wants it written, where that needs quotes. */
#ifndef LIB_QUOTE_H
#define LIB_QUOTE_H

#include <stdbool.h>

#include "lib/str.h"
#include "lib/view.h"

/* An empty one, a byte that is no atext nor a dot, or a dot at an end or behind another. */
bool quote_is_needed(struct view local);

/* Append an unquoted address: what stands before its last '@', in quotes if they are needed; the
 * rest as it is.  The empty address stays empty. */
void quote_address(struct str *out, struct view address);

#endif
