/* pending - messages that wait for their time, and those that are due and wait for their turn. */
#ifndef SEND_PENDING_H
#define SEND_PENDING_H

#include "send/manager.h"

/* The message of that index is due at `at`; or it is due, and it is its sender's turn some time. */
void pending_wait(struct manager *m, enum channel_kind kind, uint32_t index, int64_t at);
void pending_ready(struct manager *m, enum channel_kind kind, uint32_t index);
/* A new message: it is ready, and was never tried. */
void pending_arrived(struct manager *m, enum channel_kind kind, uint32_t index);

/* What is due by now gets ready; what would go to a suspended destination is parked there. */
void pending_do(struct manager *m, enum channel_kind kind);

/* Of what is parked there, messages that are too old get ready: to be given up. */
void pending_expire(struct manager *m, enum channel_kind kind, struct destination *where);

/* Everything is due, and no destination is suspended. */
void pending_all_due(struct manager *m, enum channel_kind kind);

/* The clock was set back so much. */
void pending_bring_forward(struct manager *m, enum channel_kind kind, int64_t seconds);

/* Wherever it waits, it is in no list any more; nothing is done about one that is delivered now. */
void pending_take_out(struct manager *m, enum channel_kind kind, uint32_t index);

/* Is message `id` being delivered, on either channel? */
bool pending_is_active(const struct manager *m, uint64_t id);

/* When the next message that waits is due; INT64_MAX if there is none. */
int64_t pending_next(const struct channel *c);

#endif
