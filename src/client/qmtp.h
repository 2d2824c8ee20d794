/* qmtp - one message by QMTP (https://cr.yp.to/proto/qmtp.txt): the message, the sender and the
 * recipients as netstrings, and an answer for each recipient.  There is neither greeting nor AUTH nor
 * STARTTLS; on port 6209 TLS begins at once. */
#ifndef CLIENT_QMTP_H
#define CLIENT_QMTP_H

#include "client/attempt.h"

/* Deliver the task over the session, which is connected and has said nothing yet.  Everything is
 * reported, and the session is closed: it is never kept.  ATTEMPT_TRY_NEXT only if nothing was sent. */
enum attempt_result qmtp(struct attempt *a);

#endif
