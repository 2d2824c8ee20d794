/* jobring - jobs in a ring, of which the first is the next whose turn it is. */
#ifndef SEND_JOBRING_H
#define SEND_JOBRING_H

#include "send/job.h"

void jobring_add(struct job **ring, struct job *job); /* the last */
void jobring_remove(struct job **ring, struct job *job);

#endif
