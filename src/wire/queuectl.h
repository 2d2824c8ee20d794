/* queuectl - what qmail-q asks of a qmail-send that runs, at run/send/sock: how messages stand, and what is
 * to become of them.
 *
 * A message is named by its number and its birth (the mtime of info/N), because numbers are used again.  What
 * is in the queue's files is not asked for: qmail-q reads it itself. */
#ifndef WIRE_QUEUECTL_H
#define WIRE_QUEUECTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"
#include "wire/frame.h"

enum {
	QUEUECTL_KEYS = 64, /* messages of one request: nobody waits long behind it */
	QUEUECTL_TEXT_MAX = 400,
	QUEUECTL_DOMAIN_MAX = 255,
	QUEUECTL_CHANNELS = 2, /* local, remote */
};

#define QUEUECTL_SERVICE "send"

enum queuectl_verb {
	QUEUECTL_HOLD = 1,
	QUEUECTL_RELEASE,
	QUEUECTL_RETRY,
	QUEUECTL_REMOVE,
	QUEUECTL_BOUNCE, /* with `text` as the reason */
	QUEUECTL_VERBS = QUEUECTL_BOUNCE,
};

enum queuectl_result {
	QUEUECTL_DONE,
	QUEUECTL_UNKNOWN, /* no such message, or it is not preprocessed yet */
	QUEUECTL_FAILED,  /* a file could not be changed: see the log */
};

struct queuectl_key {
	uint64_t id;
	int64_t birth;
};

struct queuectl_request {
	uint8_t kind; /* WIRE_QUEUE_STATES, WIRE_QUEUE_DO or WIRE_QUEUE_DOMAIN */
	unsigned
	    verb; /* of WIRE_QUEUE_DO; of WIRE_QUEUE_DOMAIN: hold, release; 0: list */
	size_t count;
	struct queuectl_key keys[QUEUECTL_KEYS];
	struct view text, domain;
};

void queuectl_pack(struct str *packet, const struct queuectl_request *request);
/* False: it is malformed.  The views point into the frame. */
bool queuectl_parse(const struct frame *frame, struct queuectl_request *out);

enum queuectl_place {     /* where a message is on a channel */
	QUEUECTL_NOWHERE, /* no recipients are left on it */
	QUEUECTL_WAITING, /* for its time */
	QUEUECTL_READY,   /* due: for its turn or its destination */
	QUEUECTL_ACTIVE,  /* deliveries of it run */
};

struct queuectl_state {
	bool known, held;
	struct {
		unsigned place; /* enum queuectl_place */
		int64_t at;     /* when it is due */
	} channels[QUEUECTL_CHANNELS];
};

/* The last deferral of a recipient: belongs to the state before it. */
struct queuectl_reason {
	unsigned channel;
	uint64_t offset; /* of its record in the channel's file */
	int64_t at;      /* when it was */
	struct view text;
};

/* An answer is a list of these, in the order of the request's keys. */
enum queuectl_item {
	QUEUECTL_END,
	QUEUECTL_STATE,
	QUEUECTL_REASON,
	QUEUECTL_RESULT,
	QUEUECTL_DOMAIN,
};

void queuectl_add_state(struct str *packet, const struct queuectl_state *state);
/* Left out when the packet would have no room for the states that follow. */
void queuectl_add_reason(struct str *packet, const struct queuectl_reason *reason);
void queuectl_add_result(struct str *packet, enum queuectl_result result);
void queuectl_add_domain(struct str *packet, struct view domain);

struct queuectl_answer {
	struct queuectl_state state;
	struct queuectl_reason reason;
	enum queuectl_result result;
	struct view domain;
};

/* The next one; malformed ones are passed over. */
enum queuectl_item queuectl_next(struct view *rest, struct queuectl_answer *out);

#endif
