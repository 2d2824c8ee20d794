/* remoteplan - what is left to qmail-remote once it has no program to start any more. */
#ifndef CLIENT_REMOTEPLAN_H
#define CLIENT_REMOTEPLAN_H

#include "lib/arena.h"
#include "os/restrict.h"
#include "wire/broker.h"

/* It connects and asks its helpers, reads control files, and writes queue/lock/tcpto.  The names in
 * the plan live in `mem`. */
struct restrict_plan remoteplan(struct arena *mem);

/* Keep to the plan if all helpers that a delivery may need are services that run: then none will be
 * started; or if the broker of deliveries runs, which starts them.  One that ends meanwhile makes the
 * delivery wait, and a kept qmail-remote, whose session did not come about, ends too.  *b, which
 * begins as { .fd = -1 }, is for broker_end() afterwards.  0, or -1 with errno. */
int remoteplan_enter(struct broker *b);

#endif
