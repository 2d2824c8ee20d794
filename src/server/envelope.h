/* envelope - MAIL and RCPT (inbound 3.1, 3.3, 5.15). */
#ifndef SERVER_ENVELOPE_H
#define SERVER_ENVELOPE_H

#include "server/session.h"

/* The command with this argument, answered.  A MAIL that is taken opens s->transaction. */
void envelope_mail(struct session *s, struct view argument);
void envelope_rcpt(struct session *s, struct view argument);

/* The same where no command brings them (QMTP): the address as it is.  What is about SMTP alone is not
 * asked; in strict mode only rcpthosts is, as in qmail.  s->code is below 400 if it was accepted. */
void envelope_sender(struct session *s, const struct address *sender);
void envelope_recipient(struct session *s, const struct address *recipient);

#endif
