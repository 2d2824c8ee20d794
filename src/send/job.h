/* job - a message on one channel whose turn it is: its recipients, some at a time, from local/N or
 * remote/N. */
#ifndef SEND_JOB_H
#define SEND_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "queue/layout.h"
#include "send/destinations.h"
#include "send/nexthop.h"
#include "users/route.h"

enum { JOB_RECIPIENTS = 500 }; /* that are in memory at a time */

struct job_recipient {
	struct job_recipient *next;
	struct destination *destination;
	uint64_t offset; /* of its record in the file */
	struct str address;
};

struct job {
	struct job *next, *previous; /* the ring of its flow (attempts.h) */
	enum channel_kind kind;
	uint32_t message; /* its index in m->messages */
	uint64_t id;
	struct str sender;
	unsigned class, flow;
	bool in_ring;
	struct destination *called; /* it was parked there, and has its turn; else NULL */

	struct job_recipient *first, **end; /* those that wait */
	size_t waiting;
	uint64_t offset;  /* in the file, of what was not read yet */
	bool walked;      /* there is nothing more */
	bool broken;      /* it cannot be read */
	uint64_t left;    /* recipients seen that are not done */
	unsigned running; /* deliveries */
	uint64_t
	    blocked; /* nothing can start before the channel counts further; 0: not known */

	bool started;  /* a delivery was */
	bool dying;    /* the last attempt: the message is too old */
	bool spared;   /* ... but for recipients that only wait for a route */
	bool others;   /* recipients were deferred for another reason than that */
	int64_t opens; /* when the first of these routes opens; 0: none is closed */
	int64_t again; /* when it is tried again, but for those */
	struct destination *skipped; /* suspended, its recipients left out; or NULL */
	bool skipped_others;         /* ... and others */
	int64_t skipped_until;       /* when the first of them opens */
};

enum job_reading {
	JOB_READ,
	JOB_UNOPENABLE,
	JOB_UNREADABLE,
	JOB_UNKNOWN, /* a record of a type that is none */
};

/* Read recipients until there are enough, or no more.  Their destination is the host; on the local channel
 * the address.  Unless JOB_READ, job->broken is set. */
enum job_reading job_read(struct job *job, const struct layout *layout,
    struct destinations *d, const struct nexthops *hops);

/* Is there nothing that could still be started? */
bool job_is_through(const struct job *job);

/* Take a recipient out of those that wait; `at` is what points to it. */
struct job_recipient *job_take(struct job *job, struct job_recipient **at);
void job_recipient_free(struct job_recipient *one, struct destinations *d);

void job_free(struct job *job, struct destinations *d);

#endif
