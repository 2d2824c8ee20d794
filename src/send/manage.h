/* manage - what can be done from outside to one message in the queue, by its number; its end is in
 * ending.h.
 *
 * What there is: messages_find() and messages_next() in m->messages (send/messages.h); sender and
 * birth are in info/N (send/messageinfo.h), recipients in local/N and remote/N.  A message that is
 * in todo/ still is not known here.  Destinations: destinations_next() in m->destinations. */
#ifndef SEND_MANAGE_H
#define SEND_MANAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"
#include "send/manager.h"

/* Each is false when no such message is known, or it is being ended. */

/* Start nothing more of it; what runs goes on.  This is kept in memory only: who wants it to last over
 * a restart sets m->was_held, which is asked when a message is found in the queue. */
bool manage_hold(struct manager *m, uint64_t id);
bool manage_release(struct manager *m, uint64_t id); /* it is due at once */

/* It is due now; also when its destination is suspended, which is tried with it. */
bool manage_retry(struct manager *m, uint64_t id);

/* A destination that was suspended after failures is tried at once.  False: none of that name. */
bool manage_resume(struct manager *m, struct view host);

#endif
