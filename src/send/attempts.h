/* attempts - whose turn it is: which message, and which of its recipients, gets the next free slot.
 *
 * Mail that is tried for the first time and mail that was tried before have a share of the slots each.
 * Within these each sender has its turn, and with it one recipient: of a message that is being delivered,
 * or of the next.  In between comes what is parked for destinations that have room again. */
#ifndef SEND_ATTEMPTS_H
#define SEND_ATTEMPTS_H

#include "send/manager.h"

/* Start deliveries until every slot is taken or nothing is due. */
void attempts_fill(struct manager *m, enum channel_kind kind);

/* Whether attempts_fill() has more to do right away: it does not do all in one turn of the loop. */
bool attempts_is_busy(const struct manager *m, enum channel_kind kind);

/* At the end: no message is active any more; those that were are due now. */
void attempts_stop(struct manager *m, enum channel_kind kind);

#endif
