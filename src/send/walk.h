/* walk - one message on one channel: its recipients are walked through, and of each a delivery is started
 * as soon as its destination has room. */
#ifndef SEND_WALK_H
#define SEND_WALK_H

#include "send/manager.h"

/* Of the message, which was just taken from where it waited, make a job, in the ring of its flow.  NULL: it
 * waits for its time again. */
struct job *walk_begin(struct manager *m, enum channel_kind kind, uint32_t index);

enum step {
	STEP_STARTED, /* a delivery; the job may be out of its ring */
	STEP_BLOCKED, /* by destinations, while deliveries of it run */
	STEP_ENDED,   /* the job is gone */
};

/* Start the next delivery of the job. */
enum step walk_on(struct manager *m, struct job *job);

/* A delivery of the job has ended. */
void walk_ended(struct manager *m, struct job *job);

/* The job is gone, and the message due. */
enum step walk_stop(struct manager *m, struct job *job);

#endif
