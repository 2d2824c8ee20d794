/* landlock - the paths of a plan as a Landlock domain; by plain system calls, and with numbers of our
 * own, because the headers of a build machine may be older than the kernel the program meets. */
#ifndef OS_LANDLOCK_H
#define OS_LANDLOCK_H

#include "os/restrict.h"

/* Needs no_new_privs.  0 with the version in force in *version (0: the kernel has none, or one that
 * cannot express the plan), or -1 with errno. */
int landlock_enter(const struct restrict_plan *plan, int *version);

#endif
