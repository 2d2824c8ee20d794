/* listed - is an address or a name on the list of a check?  In the syntax that the list has:
 * literal lines, unless check_list.patterns says otherwise. */
#ifndef POLICY_LISTED_H
#define POLICY_LISTED_H

#include <stddef.h>

#include "policy/check.h"

/* The line that names the address: a pattern, "user@host", or "@host" for everybody there.
 * 0: none does. */
size_t listed_address(const struct check_list *list, const struct address *a);

/* The line that names `name`, a pattern or all of it; 0: none does. */
size_t listed_name(const struct check_list *list, struct view name);

/* The literal line `prefix` `name` `suffix`. */
size_t listed_affixed(const struct check_list *list, const char *prefix, struct view name,
    const char *suffix);

#endif
