/* batch - all requests of one wake-up, in one transaction. */
#ifndef STATE_BATCH_H
#define STATE_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "state/store.h"
#include "wire/frame.h"

struct batch_job {
	struct frame request; /* WIRE_STATE_DO; its fields must stay where they are */
	struct str answer;    /* replaced: a packet, to be sent */
};

/* Do them in order.  Nothing is answered "ok" before it is committed.  When the store has no room
 * for all at once, each gets a transaction of its own. */
void batch_run(
    struct store *store, struct batch_job *const *jobs, size_t count, uint64_t now);

/* The answer to one that was not done. */
void batch_refuse(struct batch_job *job, enum frame_status status, const char *reason);

#endif
