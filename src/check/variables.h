/* variables - what a run script puts into the environment of the daemon that it starts. */
#ifndef CHECK_VARIABLES_H
#define CHECK_VARIABLES_H

#include "check/check.h"
#include "check/daemon.h"
#include "check/runscript.h"
#include "lib/arena.h"

/* Fill the variables of *d with what the script d->place assigns, and what the directories hold that it names to envdir
 * and its like, in the order of the script; what they hold lives in `mem`.  Complains of a directory that is not there. */
void variables_take(
    struct check *c, const struct runscript *s, struct daemon *d, struct arena *mem);

#endif
