/* destinations - the hosts of a channel that mail goes to, with what waits for each (queue 6.3).  Those of
 * the local channel are mailboxes. */
#ifndef SEND_DESTINATIONS_H
#define SEND_DESTINATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"
#include "send/destination.h"
#include "send/duequeue.h"
#include "send/fairqueue.h"

enum {
	DESTINATIONS_IDLE_MAX =
	    5000, /* that are remembered though nothing is to be done */
	DESTINATIONS_REASON_MAX = 1000, /* octets of the last failure that are kept */
};

struct destination {
	struct destination *chain;                           /* of the same hash slot */
	struct destination *calling_next, *calling_previous; /* see destinations_call() */
	bool calling;
	bool
	    yielded; /* what was parked had the last place: who comes along has the next */
	uint32_t hash;
	unsigned users; /* recipients in memory, and deliveries */
	bool is_relay;  /* of control/smtproutes */
	struct destination_window window;
	struct fairqueue parked;
	struct str name;   /* in lower case */
	struct str reason; /* of the failure that suspended it: a whole report */
};

struct destinations { /* {0} is empty */
	struct destination **slots;
	size_t slot_count, count, idle;
	struct destination *calling; /* ring of those that parked messages can go to */
	struct duequeue openings;    /* when suspended ones open; of their addresses */
	uint64_t seed;
};

/* The destination of that name, which is made if need be; one that nothing is to be done for may be
 * forgotten for it. */
struct destination *destinations_get(struct destinations *d, struct view name);
/* The one of that name, or NULL; of that hash: the first. */
struct destination *destinations_find(const struct destinations *d, struct view name);
struct destination *destinations_find_hash(const struct destinations *d, uint32_t hash);

/* Somebody has to do with it, or no more; so it is not forgotten. */
void destinations_use(struct destinations *d, struct destination *one);
void destinations_release(struct destinations *d, struct destination *one);

/* A message waits for it. */
void destinations_park(struct destinations *d, struct destination *one,
    struct messages *m, enum channel_kind kind, uint32_t index);
/* The next that does, by turns of their senders. */
uint32_t destinations_unpark(struct destinations *d, struct destination *one,
    const struct messages *m, enum channel_kind kind);
/* Take out one that is parked somewhere; slow. */
void destinations_take_out(struct destinations *d, const struct messages *m,
    enum channel_kind kind, uint32_t index);

/* It may have room now: put it into the ring, if something is parked there. */
void destinations_call(struct destinations *d, struct destination *one);
void destinations_call_all(struct destinations *d);
void destinations_uncall(struct destinations *d, struct destination *one);

/* It is suspended until window.opens. */
void destinations_suspended(struct destinations *d, struct destination *one);
/* The next whose pause is over, or NULL.  Each is returned once. */
struct destination *destinations_opened(struct destinations *d, int64_t now);
/* All pauses end now; or so much sooner. */
void destinations_open_all(struct destinations *d, int64_t now);
void destinations_bring_forward(struct destinations *d, int64_t seconds);

/* The first destination of a slot at or behind *cursor; start with 0, NULL at the end.  Nothing may be
 * added or released between the calls. */
struct destination *destinations_next(
    const struct destinations *d, size_t *cursor, const struct destination *last);

void destinations_free(struct destinations *d);

#endif
