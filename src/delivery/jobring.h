/* jobring - jobs in a ring, of which the first is the next whose turn it is. */
#ifndef DELIVERY_JOBRING_H
#define DELIVERY_JOBRING_H

#include "delivery/job.h"

void jobring_add(struct job **ring, struct job *job); /* the last */
void jobring_remove(struct job **ring, struct job *job);

#endif
