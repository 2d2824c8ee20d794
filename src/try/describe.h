/* describe - what of a delivery is settled before any server is looked for: route, credential, our name
 * and address; each line with the place that says so. */
#ifndef TRY_DESCRIBE_H
#define TRY_DESCRIBE_H

#include "client/attempt.h"
#include "try/show.h"

/* Only the route, for who has no token for it. */
void describe_route(struct show *show, const struct task *task);
void describe_plan(struct show *show, const struct task *task);

#endif
