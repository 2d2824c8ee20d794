/* loop - qmail-state for one client on a descriptor, or for many at run/state/sock: one event loop.
 * All requests that have come by a wake-up are one batch. */
#ifndef STATE_LOOP_H
#define STATE_LOOP_H

#include "config/helperusers.h"
#include "lib/log.h"
#include "state/store.h"

/* Serve the client on `fd` until it goes. */
void loop_one(
    int fd, struct store *store, const struct helperusers *users, const struct log *log);

/* Serve whoever connects and may ask, until SIGTERM.  0; -1 with errno if that cannot be begun. */
int loop_many(
    struct store *store, const struct helperusers *users, const struct log *log);

#endif
