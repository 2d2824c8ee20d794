/* forward - the forward lines of a .qmail file: one new message to all of them (queue 4.11). */
#ifndef DELIVERY_FORWARD_H
#define DELIVERY_FORWARD_H

#include <sys/types.h>

#include "delivery/outcome.h"
#include "lib/env.h"
#include "lib/view.h"

struct forward {
	struct view delivered_to; /* the line that is put before the message */
	struct view sender;
	const struct view *recipients;
	size_t count;
};

/* Queue the message on `fd`, from its first octet.  The current directory must be the qmail home.
 * *qp is the queue program's pid when the outcome is OUTCOME_DONE. */
void forward_send(
    const struct forward *f, int fd, struct env_list *env, pid_t *qp, struct outcome *o);

#endif
