/* stateplan - what is left to qmail-state once its socket is there. */
#ifndef STATE_STATEPLAN_H
#define STATE_STATEPLAN_H

#include "os/restrict.h"

/* It takes callers, and has its files. */
struct restrict_plan stateplan(void);

#endif
