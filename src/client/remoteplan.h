/* remoteplan - what is left to qmail-remote once it has no program to start any more. */
#ifndef CLIENT_REMOTEPLAN_H
#define CLIENT_REMOTEPLAN_H

#include <stdbool.h>

#include "lib/arena.h"
#include "os/restrict.h"

/* It connects and asks its helpers, reads control files, and writes queue/lock/tcpto.  The names in
 * the plan live in `mem`. */
struct restrict_plan remoteplan(struct arena *mem);

/* Are all helpers that a delivery may need services that run?  Then none will be started. */
bool remoteplan_is_served(void);

/* Keep to the plan if remoteplan_is_served(): *entered says so.  0, or -1 with errno. */
int remoteplan_enter(bool *entered);

#endif
