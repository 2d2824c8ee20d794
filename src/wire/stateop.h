/* stateop - what qmail-state is asked to do, and what it answers: how both are packed in the fields
 * TAG_STATE_OP and TAG_STATE_RESULT of frames.  Used by both sides; neither trusts the other.
 *
 *   TAG_STATE_OP      verb (1), flags (1), space (1), length of key (1), key, then four numbers of
 *                     4: amount, limit, window, keep; holder (8); length of value (1), value
 *   TAG_STATE_RESULT  standing (1), now (8), first (8), last (8), until (8), count (8), length of
 *                     value (1), value
 *
 * A record is found by its space and key.  It has: first, when it was begun; last, when it was last
 * changed; until, when it is forgotten; a count; a value.  All times are seconds since 1970 on the
 * helper's clock, which is read once for all that is answered together. */
#ifndef WIRE_STATEOP_H
#define WIRE_STATEOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"
#include "wire/frame.h"

enum {
	STATE_OPS_MAX = 16,      /* in one request: all done, or none */
	STATE_KEY_MAX = 255,     /* octets */
	STATE_VALUE_MAX = 255,   /* octets */
	STATE_HOLDERS_MAX = 256, /* of one record */
	STATE_SECONDS_MAX =
	    400 * 86400, /* of a window or of keeping; more counts as this, and 0 as 1 */
};

/* Whose keys they are.  One table for all users of the store; numbers are never reused.  A space is
 * used by one kind of verb. */
enum state_space {
	STATE_TEST,
	STATE_AUTH_NETWORK,    /* COUNT: failed logins of a client's network */
	STATE_AUTH_USER,       /* COUNT: failed logins of a name */
	STATE_GREYLIST,        /* SEEN: network, sender, recipient */
	STATE_MESSAGE_NETWORK, /* COUNT: messages or recipients of a network */
	STATE_MESSAGE_USER,    /* COUNT: messages or recipients of a user */
	STATE_SESSION_NETWORK, /* HOLD: sessions open at a time */
	STATE_SESSION_USER,    /* HOLD: sessions open at a time */
	STATE_BAN,             /* SET: refused until then, value says why */
	STATE_GREYLIST_PASSES, /* COUNT: proofs of good will of a network or domain */
	STATE_PACE_RATE = 10,  /* COUNT: recipients that went by a route, in a window */
	STATE_PACE_SLOW,       /* SET: count is the part of a route's rate that is left */
	STATE_PACE_CLOSED,     /* SET: a route is closed until then, value says why */
	STATE_PACE_PUT_OFF,    /* COUNT: deliveries that wait for a route to have room */
	STATE_PACE_HELD, /* HOLD: connections of a route; deliveries that sit waiting */
	STATE_STARTTLS_FAILED =
	    15, /* SET: an address of a server whose TLS does not work */
	STATE_REFUSED_CREDENTIAL =
	    16, /* SET: a relay has refused it; value is a piece of the report */
};

enum state_verb {
	/* The record as it is. */
	STATE_READ = 1,

	/* Add `amount` to the count of the last `window` seconds.  With a `limit`, an amount that would
	 * lead above it is not added: STATE_OVER.  An amount of 0 only asks.  The window begins with the
	 * first amount and ends `window` later, with everything in it; or, with STATE_SLIDING, it moves:
	 * what was counted in the window before still counts for the part of it that is not yet
	 * `window` ago, as if it had come evenly.  With STATE_BACK, `amount` is taken off again. */
	STATE_COUNT = 2,

	/* Keep `value` for `keep` seconds; `count` becomes `amount`. */
	STATE_SET = 3,

	/* There was never such a record.  The answer is what it was. */
	STATE_FORGET = 4,

	/* Seen again?  A first time is STATE_ABSENT, and is remembered for `keep` seconds; so is each
	 * time within `window` of it, but that is STATE_OVER; a later one is STATE_FOUND, adds one to
	 * the count, and makes the record stay for `amount` seconds from then on, during which each
	 * time is STATE_FOUND.  (Greylisting: window 300, keep 86400, amount 36 days.) */
	STATE_SEEN = 5,

	/* Be one of at most `limit` (0: STATE_HOLDERS_MAX) holders at a time, for `keep` seconds or
	 * until dropped: STATE_FOUND, or STATE_OVER when there are so many others.  Who holds already
	 * holds on, for `keep` from now.  `holder` is any number that nobody else uses.  The count is
	 * how many hold now. */
	STATE_HOLD = 6,
	STATE_DROP = 7,
};

enum state_flag {
	STATE_SLIDING = 1,

	/* Of the operations of one request that have this flag, each with a key of its own: if any is
	 * STATE_OVER, none of them is done.  The others' answers say what they would have been. */
	STATE_TOGETHER = 2,
	STATE_BACK = 4,

	STATE_FLAGS = STATE_SLIDING | STATE_TOGETHER | STATE_BACK,
};

struct state_op {
	enum state_verb verb;
	unsigned flags;
	unsigned space;  /* enum state_space, or of a later release; at most 255 */
	struct view key; /* at most STATE_KEY_MAX octets */
	uint32_t amount, limit, window, keep;
	uint64_t holder;
	struct view value; /* at most STATE_VALUE_MAX octets */
};

enum state_standing {
	STATE_ABSENT, /* there is (SEEN: was) no such record */
	STATE_FOUND,  /* there is; what was asked for was done */
	STATE_OVER,   /* the limit is reached (SEEN: too early); nothing was counted */
};

struct state_result {
	enum state_standing standing;
	uint64_t now, first, last, until, count;
	uint8_t value_len;
	char value[STATE_VALUE_MAX];
};

/* Add to a packet.  A key or value that is too long must not be asked with. */
void stateop_add(struct str *packet, const struct state_op *op);
void stateop_add_result(struct str *packet, const struct state_result *result);

/* The operations of a frame, keys and values in the frame.  How many; 0 if there are none, more than
 * STATE_OPS_MAX, or a broken one.  `out` has room for STATE_OPS_MAX.  *unknown says, if not NULL,
 * that it is only a verb or a flag that this release does not know. */
size_t stateop_parse(const struct frame *frame, struct state_op *out, bool *unknown);

/* The results of a frame.  False if they are not `count`, or one is broken. */
bool stateop_results(const struct frame *frame, struct state_result *out, size_t count);

#endif
