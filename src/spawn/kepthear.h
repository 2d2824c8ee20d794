/* kepthear - what a worker says, and what becomes of its deliveries then (wire/kept.h). */
#ifndef SPAWN_KEPTHEAR_H
#define SPAWN_KEPTHEAR_H

#include "spawn/keptcore.h"

/* Its descriptor can be read. */
void kepthear(struct keptpool *pool, struct kept_worker *w);

#endif
