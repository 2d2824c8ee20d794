/* split - into how many subdirectories a queue is cut, when its directories may not say so alike. */
#ifndef REPAIR_SPLIT_H
#define REPAIR_SPLIT_H

#include "repair/repair.h"

bool split_is_prime(uint64_t n);

/* Fill in r->layout.  0; or -1 when nobody can tell, which was told on descriptor 2. */
int split_find(struct repair *r);

#endif
