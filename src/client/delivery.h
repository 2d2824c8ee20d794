/* delivery - one message to one host: route, addresses, attempts, report (outbound 1, 2). */
#ifndef CLIENT_DELIVERY_H
#define CLIENT_DELIVERY_H

#include <stdbool.h>

#include "client/attempt.h"
#include "client/plan.h"
#include "client/report.h"
#include "client/targets.h"
#include "lib/arena.h"

/* Deliver as requested.  The current directory must be the home.  Whatever happens is in `report`,
 * which is {0} at first. */
void delivery_run(const struct plan_request *request, struct report *report);

/* The part of it that comes after the plan, which is a->task: find the addresses and try one after the
 * other.  What they are called is in `mem` as long as `a` is used; the session may be open still. */
void delivery_attempt(struct attempt *a, struct arena *mem);

/* The two halves of that.  False: reported, there is none. */
bool delivery_find_targets(const struct task *task, struct arena *mem,
    struct targets *out, struct report *report);
void delivery_try_targets(struct attempt *a, const struct targets *targets);

#endif
