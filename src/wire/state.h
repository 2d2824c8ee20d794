/* state - the caller's side of qmail-state: counters, greylist, bans, holders (wire/stateop.h says
 * what each verb does).
 *
 * Every function here is one call of the helper under a deadline.  0, or -1 with s->reason set, a
 * literal for the log: "could not find out".  What asked must then let pass and say so (DESIGN 4):
 * a store that is away only means that nothing extra is refused or slowed.  *out is untouched on
 * failure.  A key may be of any length: instead of one over 255 octets its hash is used. */
#ifndef WIRE_STATE_H
#define WIRE_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/deadline.h"
#include "lib/str.h"
#include "lib/view.h"
#include "wire/helper.h"
#include "wire/stateop.h"

struct state {
	struct helper helper;
	const char *reason; /* of the last failure */
};

/* Nothing is reached before the first question.  One struct serves a whole session, then
 * state_close(). */
void state_init(struct state *s);
void state_close(struct state *s);

/* Several at once, all done or none; `count` at most STATE_OPS_MAX. */
int state_ask(struct state *s, const struct state_op *ops, size_t count,
    struct deadline deadline, struct state_result *out);

int state_read(struct state *s, unsigned space, struct view key, struct deadline deadline,
    struct state_result *out);

/* `flags`: STATE_SLIDING or 0.  `limit` 0: none. */
int state_count(struct state *s, unsigned space, struct view key, uint32_t amount,
    uint32_t limit, uint32_t window, unsigned flags, struct deadline deadline,
    struct state_result *out);

/* `value` is cut at 255 octets. */
int state_set(struct state *s, unsigned space, struct view key, struct view value,
    uint32_t keep, struct deadline deadline, struct state_result *out);

int state_forget(struct state *s, unsigned space, struct view key,
    struct deadline deadline, struct state_result *out);

/* STATE_ABSENT: the first time.  STATE_OVER: again, but less than `delay` after it.  STATE_FOUND:
 * it has come back; remembered for `keep` seconds from the last time.  One that never comes back is
 * remembered for `retry` seconds. */
int state_seen(struct state *s, unsigned space, struct view key, uint32_t delay,
    uint32_t retry, uint32_t keep, struct deadline deadline, struct state_result *out);

int state_hold(struct state *s, unsigned space, struct view key, uint64_t holder,
    uint32_t limit, uint32_t keep, struct deadline deadline, struct state_result *out);
int state_drop(struct state *s, unsigned space, struct view key, uint64_t holder,
    struct deadline deadline, struct state_result *out);

/* Put a key together: parts with their lengths, so that no two lists of parts are the same key. */
void state_key_add(struct str *key, struct view part);

#endif
