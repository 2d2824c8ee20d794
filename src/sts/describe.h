/* describe - what is kept of a domain, in words for an admin, on descriptor 1.  False: they cannot be
 * written; said. */
#ifndef STS_DESCRIBE_H
#define STS_DESCRIBE_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/sts.h"

/* Several lines, "what: value". */
bool describe(const struct sts_kept *kept, uint64_t now);
/* One: domain, what holds for mail to it, for how long, and what went wrong. */
bool describe_short(const struct sts_kept *kept, uint64_t now);

#endif
