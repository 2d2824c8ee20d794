/* race - which of a delivery's addresses is connected to next (outbound 2.5, 2.6).
 *
 * They are tried in their order.  One that neither answers nor refuses within the head start does not
 * hold the others up: the next one of the same preference and of the other family starts too, and who
 * is connected first wins (RFC 8305); so a network without a way for one of the families costs less
 * than a second, not a timeout for each address.  Of one family there is never more than one at a
 * time.  Whoever loses was not tried: it may come later, and the table of timeouts has no word of it. */
#ifndef CLIENT_RACE_H
#define CLIENT_RACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/attempt.h"
#include "client/targets.h"
#include "client/tcpto.h"
#include "lib/connect.h"

enum { RACE_HEAD_START = 500 /* milliseconds */ };

struct race {
	const struct task *task;
	const struct targets *targets;
	bool *untried; /* one for each target */
	struct tcpto_rules rules;
	bool in_turn; /* no head start ends: as qmail does it */
	/* May the address be connected to?  One that may not is passed over.  NULL: each may. */
	bool (*admits)(void *context, const struct target *target);
	void *context;
};

struct race_winner {
	const struct target *target; /* also of CONNECT_NO_BIND: whose source it was */
	int fd;
};

/* Both must stay.  race_end() in any case. */
void race_start(
    struct race *race, const struct task *task, const struct targets *targets);
void race_end(struct race *race);

/* The addresses of this server are not to be tried any more. */
void race_drop(struct race *race, struct view name);

/* Connect to the next address.  CONNECT_FAILED: to none, and there is no other.  The table of timeouts
 * is asked and kept. */
enum connect_result race_next(struct race *race, struct race_winner *out);

/* No more to any address of the same preference, which is that of one relay.  False: no other is
 * left. */
bool race_leave(struct race *race, const struct target *target);

#endif
