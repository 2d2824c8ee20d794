/* kepthandout - give deliveries to workers: connected ones that may fit, else new ones. */
#ifndef SPAWN_KEPTHANDOUT_H
#define SPAWN_KEPTHANDOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "spawn/keptcore.h"

/* Offer a group that goes together to a connected worker, of `route` unless that is empty.  How many it
 * was offered; 0 if none may fit. */
size_t kepthandout_offer(
    struct keptpool *pool, struct kept_job **group, size_t count, struct view route);

/* Everything that waits, but what waits for a worker that is just about to be free. */
void kepthandout_waiting(struct keptpool *pool);

#endif
