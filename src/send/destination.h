/* destination - how many deliveries to one host may run at a time, learnt from how they ended (queue 6.3).
 * Pure.
 *
 * It begins with one, and each success of a full house allows one more: so the number doubles from round
 * to round.  Whoever does not answer, or refuses messages for now, is sent half as many.  When two in a row
 * found nobody, or 421, with only one running, nothing is tried for a minute, then for two, four, up to an hour: and then
 * one, which decides. */
#ifndef SEND_DESTINATION_H
#define SEND_DESTINATION_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"

enum {
	DESTINATION_FAILURES = 2, /* in a row, until it is suspended */
	DESTINATION_PAUSE = 60,   /* seconds; twice as long each time ... */
	DESTINATION_PAUSE_MAX =
	    3600, /* ... up to this, unless control/hostpause says another */
	DESTINATION_PAUSE_LIMIT = 86400, /* of control/hostpause */
};

struct destination_window { /* {0}: nothing is known */
	unsigned running;   /* connections that we have */
	unsigned window;    /* how many there may be; 0 counts as 1 */
	unsigned
	    growth; /* how many of those that run may let it grow: it was full with them */
	unsigned failures; /* in a row */
	unsigned pauses;   /* since anything went well */
	int64_t opens;     /* suspended until then; 0: it is not */
};

/* What a delivery said about the host. */
enum destination_news {
	DESTINATION_NOTHING,     /* trouble of our own, or nothing was tried */
	DESTINATION_SERVED,      /* it took the message */
	DESTINATION_ANSWERED,    /* it refused the recipient or the message */
	DESTINATION_RELUCTANT,   /* it refused the message for now */
	DESTINATION_CROWDED,     /* it has enough for now */
	DESTINATION_UNREACHABLE, /* no conversation came about */
};

/* Of a report of qmail-rspawn: K, Z or D and text (outbound 1.3). */
enum destination_news destination_judge(struct view report);

bool destination_is_suspended(const struct destination_window *w, int64_t now);

/* May one more begin?  `most`: there are never more. */
bool destination_has_room(const struct destination_window *w, unsigned most, int64_t now);

/* One begins. */
void destination_begin(struct destination_window *w, unsigned most);

/* A delivery has ended; `running` counts it still.  `random` spreads pauses, of which the
 * longest has `longest` seconds; 0: there is none.  True: it is suspended by this, until w->opens. */
bool destination_tell(struct destination_window *w, enum destination_news news,
    unsigned most, int64_t now, uint32_t random, uint32_t longest);

#endif
