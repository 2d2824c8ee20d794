/* wildmat - shell-like patterns, as s/qmail has them in its lists. */
#ifndef POLICY_WILDMAT_H
#define POLICY_WILDMAT_H

#include <stdbool.h>

#include "lib/view.h"

/* Does `pattern` match all of `text`?  '*' is any octets, '?' one, "[a-z]" one of these, "[^a-z]" one
 * of the others; a '\\' takes the next octet as it is.  Case does not matter.  At most pattern.len
 * times text.len steps. */
bool wildmat(struct view pattern, struct view text);

/* The same, but case matters. */
bool wildmat_exact(struct view pattern, struct view text);

#endif
