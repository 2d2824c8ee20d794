#include "send/jobring.h"

void
jobring_add(struct job **ring, struct job *job)
{
	if (!*ring) {
		*ring = job->next = job->previous = job;
		return;
	}
	job->next = *ring;
	job->previous = (*ring)->previous;
	job->previous->next = job;
	(*ring)->previous = job;
}

void
jobring_remove(struct job **ring, struct job *job)
{
	if (*ring == job)
		*ring = job->next == job ? NULL : job->next;
	job->previous->next = job->next;
	job->next->previous = job->previous;
}
