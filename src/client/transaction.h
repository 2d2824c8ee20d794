/* transaction - MAIL, RCPT, DATA and the message (outbound 2.7, 2.8, section 7). */
#ifndef CLIENT_TRANSACTION_H
#define CLIENT_TRANSACTION_H

#include "client/attempt.h"

/* Deliver the task over the session, which is ready for MAIL.  Everything is reported; a->ended says
 * what may come next.  The session is closed where qmail does not even send QUIT. */
void transaction(struct attempt *a);

/* The same up to the recipients, and RSET in place of the message.  Reported is what would be of a
 * transaction that fails; nothing, if all were accepted. */
void transaction_rehearse(struct attempt *a);

#endif
