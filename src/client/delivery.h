/* delivery - one message to one host: route, addresses, attempts, report (outbound 1, 2). */
#ifndef CLIENT_DELIVERY_H
#define CLIENT_DELIVERY_H

#include <stddef.h>

#include "client/report.h"
#include "lib/view.h"

/* Deliver the message on descriptor `message` from `sender` to `recipients` at `host`, all as in
 * qmail-remote's arguments.  The current directory must be the home.  Whatever happens is in
 * `report`, which is {0} at first. */
void delivery_run(struct view host, struct view sender, const struct view *recipients,
    size_t count, int message, struct report *report);

#endif
