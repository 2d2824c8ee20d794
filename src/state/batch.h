/* batch - all requests of one wake-up, in one transaction. */
#ifndef STATE_BATCH_H
#define STATE_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "state/store.h"
#include "wire/serve.h"

/* Do them, all WIRE_STATE_DO, in order.  Nothing is answered "ok" before it is committed.  When the
 * store has no room for all at once, each gets a transaction of its own. */
void batch_run(
    struct store *store, struct serve_job *const *jobs, size_t count, uint64_t now);

/* The answer to one that was not done. */
void batch_refuse(struct serve_job *job, enum frame_status status, const char *reason);

#endif
