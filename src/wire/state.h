/* state - the caller's side of qmail-state: counters, greylist, bans, holders (wire/stateop.h says
 * what each verb does).
 *
 * A question is one call of the helper under a deadline.  0, or -1 with s->reason set, a literal for
 * the log: "could not find out".  What asked must then let pass and say so (DESIGN 4):
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

/* One or several, all done or none; `count` at most STATE_OPS_MAX, and as many results. */
int state_ask(struct state *s, const struct state_op *ops, size_t count,
    struct deadline deadline, struct state_result *out);

/* Put a key together: parts with their lengths, so that no two lists of parts are the same key. */
void state_key_add(struct str *key, struct view part);

#endif
