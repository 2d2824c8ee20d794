/* keptworker - what qmail-rspawn knows of a kept qmail-remote, and the choices that follow from it:
 * which one is offered a delivery, which connection is closed, and when (outbound 5.5).  Pure. */
#ifndef SPAWN_KEPTWORKER_H
#define SPAWN_KEPTWORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/str.h"
#include "lib/view.h"
#include "spawn/keptsettings.h"
#include "wire/kept.h"

enum {
	KEPT_PARKED_PER_HOST =
	    2, /* connections to one destination that wait (row 15) ... */
	KEPT_BETWEEN_MS = 1000, /* ... and not just between two deliveries */
	KEPT_HELD_MS = 30000,   /* that a delivery waits for a connection (row 16) */
	/* After these a worker hangs, and is killed. */
	KEPT_PLAN_MS =
	    300000, /* to say what it does with a delivery: a token may have to be had */
	KEPT_SETTLE_MS = 15000,   /* to say what becomes of its connection */
	KEPT_DELIVERY_MS = 60000, /* more than a delivery may take (control/limits) */
};

enum kept_state {
	KEPT_NONE,    /* a free place */
	KEPT_ASKED,   /* new, and given a delivery: its plan is awaited */
	KEPT_HELD,    /* it wants to connect where there are connections enough */
	KEPT_OFFERED, /* connected: does it take the delivery? */
	KEPT_BUSY,    /* delivering */
	KEPT_PARKED,  /* connected, and waits for the next */
};

struct kept_worker {
	enum kept_state state;
	int fd;
	pid_t pid;
	bool killed;
	unsigned jobs
	    [KEPT_RECIPIENTS_MAX]; /* delivery numbers; in the order of the recipients */
	bool reported[KEPT_RECIPIENTS_MAX];
	size_t job_count;
	int64_t arrived_ms;      /* when the command for it came */
	bool dot;                /* the server may have the message */
	struct str host, sender; /* of its last delivery */

	/* Its plan, and what it said at the end. */
	bool relayed;
	struct str destination;
	uint32_t connections; /* that its route allows; 0: any number */
	unsigned char route[KEPT_ROUTE];
	uint32_t messages;
	int64_t opened_ms;
	uint32_t rcpt_max; /* recipients that the server takes at a time; 0: not said */
	bool returned;     /* of its last delivery some were too many */

	int64_t since_ms; /* in this state; busy: since all was reported */
	uint64_t refused; /* the last delivery that it did not take */
	uint64_t
	    expected; /* the delivery that waits for it while it is settling; 0: none */
};

/* What is to be delivered. */
struct kept_wish {
	struct view host, sender;
	struct view route; /* empty: not known yet */
	uint64_t serial;   /* of the delivery; from 1 */
};

/* The parked worker that most likely fits, of those that have not refused: the one of `route` that
 * was parked last; while the route is not known, one that had this host, or is connected to a relay,
 * better with this sender.  `count` if there is none. */
size_t kept_choose(
    const struct kept_worker *list, size_t count, const struct kept_wish *wish);

/* A worker that has reported and will say at once whether its connection stays, and that may fit then;
 * `count` if there is none that no other delivery waits for. */
size_t kept_settling(
    const struct kept_worker *list, size_t count, const struct kept_wish *wish);

/* Connections that there are, or are being made, to a destination. */
size_t kept_connections(
    const struct kept_worker *list, size_t count, struct view destination);

/* The one of the destination, or of all if that is empty, that is parked longest; or `count`. */
size_t kept_oldest_parked(
    const struct kept_worker *list, size_t count, struct view destination);

/* A parked worker that is to be let go at once: too old, idle for too long, or with too many messages.
 * `count` if there is none. */
size_t kept_expired(const struct kept_worker *list, size_t count,
    const struct keptsettings *settings, int64_t now_ms);

/* One that is, if nothing is left to hand out: the oldest of too many; of those for one destination once it
 * has waited for longer than a delivery needs to follow another.  `count` if there is none. */
size_t kept_surplus(const struct kept_worker *list, size_t count,
    const struct keptsettings *settings, int64_t now_ms);

/* A held one whose delivery has waited long enough. */
bool kept_waited_enough(const struct kept_worker *w, int64_t now_ms);

/* One that hangs, and was not killed yet; or `count`. */
size_t kept_hanging(const struct kept_worker *list, size_t count,
    const struct keptsettings *settings, int64_t now_ms);

/* When something of this is next due, in milliseconds of the clock of now_ms; INT64_MAX: nothing. */
int64_t kept_next_ms(
    const struct kept_worker *list, size_t count, const struct keptsettings *settings);

#endif
