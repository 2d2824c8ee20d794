/* loop - qmail-dns for one client on a descriptor, or for many at run/dns/sock: one event loop,
 * nothing in it blocks. */
#ifndef ARES_LOOP_H
#define ARES_LOOP_H

#include "lib/log.h"

/* Serve the client on `fd` until it goes. */
void loop_one(int fd, const struct log *log);

/* Serve whoever connects, until SIGTERM.  0; -1 with errno if that cannot be begun. */
int loop_many(const struct log *log);

#endif
