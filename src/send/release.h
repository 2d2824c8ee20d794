/* release - what becomes of a message when nothing more of it can be delivered now. */
#ifndef SEND_RELEASE_H
#define SEND_RELEASE_H

#include "send/manager.h"

/* The job has ended, and is freed: its channel is through, or the message waits for its time or for a
 * destination. */
void release_job(struct manager *m, struct job *job);

/* The same for one of which nothing could be begun, because `where` takes no more now. */
void release_job_to(struct manager *m, struct job *job, struct destination *where);

/* Every recipient of the channel is done: its file goes, and with the last one the message. */
void release_channel(struct manager *m, enum channel_kind kind, uint32_t index);

#endif
