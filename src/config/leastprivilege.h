/* leastprivilege - os_restrict() as the programs use it: on, unless control/restrict says 0. */
#ifndef CONFIG_LEASTPRIVILEGE_H
#define CONFIG_LEASTPRIVILEGE_H

#include "lib/arena.h"
#include "os/restrict.h"

/* Let the plan read control/: it, and what the symbolic links in it lead to.  Names go to `mem`, which
 * must live until the plan is entered. */
void leastprivilege_allow_control(struct restrict_plan *plan, struct arena *mem);

/* Give up what `plan` leaves out; the current directory is the home.  0, also where the kernel has
 * nothing of it; -1 with errno when it has run short: the work should then wait. */
int leastprivilege_enter(const struct restrict_plan *plan);

/* The same where another directory is the current one, as for a delivery. */
int leastprivilege_enter_from(const char *home, const struct restrict_plan *plan);

#endif
