/* name - domain names as SPF meets them: in the envelope, in records, as macros make them. */
#ifndef POLICY_SPF_NAME_H
#define POLICY_SPF_NAME_H

#include <stdbool.h>

#include "lib/view.h"

enum { SPF_NAME_MAX = 253, SPF_LABEL_MAX = 63 }; /* octets, without a trailing dot */

/* Without one trailing dot. */
struct view spf_name_plain(struct view name);

/* May the DNS be asked about it?  At least two labels, none empty or over SPF_LABEL_MAX, and
 * SPF_NAME_MAX in all (RFC 7208 4.3), no control octet, no address literal; a trailing dot is
 * allowed. */
bool spf_name_is_valid(struct view name);

/* The name itself or one below it; case does not matter. */
bool spf_name_is_within(struct view name, struct view domain);

/* The longest end of `name` that is whole labels and not over SPF_NAME_MAX (RFC 7208 7.3). */
struct view spf_name_fit(struct view name);

#endif
