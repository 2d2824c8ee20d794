/* regexcost - how large is a regular expression, written out?  An interval, "{2,5}", stands for so many
 * copies of what is before it, and intervals can be nested: ten octets can be a billion. */
#ifndef POLICY_REGEXCOST_H
#define POLICY_REGEXCOST_H

#include <stdint.h>

#include "lib/view.h"

/* About the number of characters and operators; `max` + 1 if that is more than `max`, which is at most
 * UINT32_MAX, or if parentheses are nested too deep.  What is no regular expression has some cost. */
uint64_t regexcost(struct view text, uint64_t max);

#endif
