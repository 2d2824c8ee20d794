/* remains - files that belong to no message any more, and messages that lack a file (queue 1.3, 1.7). */
#ifndef REPAIR_REMAINS_H
#define REPAIR_REMAINS_H

#include "repair/repair.h"

void remains_mend(struct repair *r);

#endif
