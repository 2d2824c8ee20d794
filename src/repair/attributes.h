/* attributes - owner and mode of the files of messages. */
#ifndef REPAIR_ATTRIBUTES_H
#define REPAIR_ATTRIBUTES_H

#include "repair/repair.h"

void attributes_mend(struct repair *r);

#endif
