/* steps - what is said between a server and us, as lines: a watch on a delivery that is rehearsed. */
#ifndef TRY_STEPS_H
#define TRY_STEPS_H

#include <stdint.h>

#include "client/attempt.h"
#include "client/watch.h"
#include "try/show.h"

struct steps {
	struct show *show;
	const struct task *task;
	int64_t now;
	struct watch watch; /* for task->watch */
};

/* Both must stay, and so must *steps while the watch is used. */
void steps_init(
    struct steps *steps, struct show *show, const struct task *task, int64_t now);

#endif
