/* name - from what a user or a control file wrote to what the DNS is asked (RFC 1035, RFC 5891). */
#ifndef ARES_NAME_H
#define ARES_NAME_H

#include <stdbool.h>

#include "lib/str.h"
#include "lib/view.h"

enum { NAME_MAX_OCTETS = 253, NAME_LABEL_MAX = 63 };

/* The name in lower case, U-labels (UTF-8) turned into A-labels (IDNA 2008, lookup), without a
 * trailing dot.  False, *out untouched, if it is no domain name: an empty label or one over 63
 * octets, over 253 in all, a blank, a control character, a backslash, or no valid IDN. */
bool name_to_ascii(struct view name, struct str *out);

#endif
