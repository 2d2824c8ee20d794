/* placement - every file is in the subdirectory that its number says, or in none where that is so. */
#ifndef REPAIR_PLACEMENT_H
#define REPAIR_PLACEMENT_H

#include "repair/repair.h"

void placement_mend(struct repair *r);

#endif
