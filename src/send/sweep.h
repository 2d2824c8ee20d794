/* sweep - files that belong to no message: in mess/ crash debris, removed after 36 hours (queue 1.7);
 * in local/, remote/ and bounce/ what a power loss brought back. */
#ifndef SEND_SWEEP_H
#define SEND_SWEEP_H

#include "send/manager.h"

void sweep_start(struct manager *m, int64_t boottime);

/* Look at some more files, if a sweep is due or in progress.  `boottime` is seconds since boot, as
 * the clock of `now` may have been set. */
void sweep_do(struct manager *m, int64_t boottime);

bool sweep_is_busy(const struct manager *m);

#endif
