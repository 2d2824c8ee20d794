/* servers - whom a delivery would talk to, in the order in which they are tried, and what TLS each must
 * have. */
#ifndef TRY_SERVERS_H
#define TRY_SERVERS_H

#include <stdbool.h>
#include <stdint.h>

#include "client/attempt.h"
#include "client/targets.h"
#include "lib/problem.h"
#include "try/show.h"

/* False: the first of them could not be talked to, for what `problem` says. */
bool servers_describe(struct show *show, const struct task *task,
    const struct targets *targets, int64_t now, struct problem *problem);

/* Name the relays that have refused the credential just now, and are left in peace for a while. */
void servers_check_refusals(struct show *show, const struct task *task);

#endif
