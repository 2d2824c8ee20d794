/* fairqueue - messages that wait, where each sender has its turn, however many of another wait before it.
 *
 * Senders are told apart by a hash; those of the same remainder share a queue. */
#ifndef SEND_FAIRQUEUE_H
#define SEND_FAIRQUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"
#include "send/messages.h"

enum { FAIRQUEUE_FLOWS = 64 };

struct fairqueue { /* {0} is empty */
	struct fairqueue_flow {
		uint32_t first, last; /* indexes of messages; MESSAGES_NONE: empty */
	} * flows;                    /* FAIRQUEUE_FLOWS; NULL before the first message */
	uint32_t count;
	unsigned turn; /* the flow that is next */
};

/* What tells senders apart: the address without an extension, so that a list with an
 * address for each message is one sender. */
uint32_t fairqueue_sender(struct view sender);
unsigned fairqueue_flow(const struct message *message);

/* The list is linked by the message's `link` of that channel. */
void fairqueue_add(
    struct fairqueue *q, struct messages *m, enum channel_kind kind, uint32_t index);

/* Take the first of a flow, or of the next flow that has one; MESSAGES_NONE if there is none. */
uint32_t fairqueue_take_from(
    struct fairqueue *q, const struct messages *m, enum channel_kind kind, unsigned flow);
uint32_t fairqueue_take(
    struct fairqueue *q, const struct messages *m, enum channel_kind kind);

/* What fairqueue_take() would take. */
uint32_t fairqueue_next(const struct fairqueue *q);

/* Take one out of the middle; slow.  False: it is not there. */
bool fairqueue_remove(struct fairqueue *q, const struct messages *m,
    enum channel_kind kind, uint32_t index);

void fairqueue_free(struct fairqueue *q);

#endif
