/* keptleave - leave to connect: for planned deliveries, while there are not too many connections to the
 * same destination (control/concurrencyperhost; outbound 5.5, row 16). */
#ifndef SPAWN_KEPTLEAVE_H
#define SPAWN_KEPTLEAVE_H

#include <stdbool.h>
#include <stddef.h>

#include "spawn/keptcore.h"

/* For a worker in state KEPT_HELD: it connects, its delivery goes over a connection that was parked
 * meanwhile, or it has waited for too long.  False: it goes on waiting. */
bool keptleave_release(struct keptpool *pool, struct kept_worker *w);
/* The same for all of them, the oldest first. */
void keptleave_release_held(struct keptpool *pool);

/* More wait than may: a quarter of what qmail-send delivers at a time, or it had none left for others. */
bool keptleave_is_crowded(const struct keptpool *pool);
void keptleave_give_up(struct keptpool *pool, struct kept_worker *w); /* Z, for now */

#endif
