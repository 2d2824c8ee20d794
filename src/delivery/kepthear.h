/* kepthear - what a worker says, and what becomes of its deliveries then (wire/kept.h). */
#ifndef DELIVERY_KEPTHEAR_H
#define DELIVERY_KEPTHEAR_H

#include "delivery/keptcore.h"

/* Its descriptor can be read. */
void kepthear(struct keptpool *pool, struct kept_worker *w);

#endif
