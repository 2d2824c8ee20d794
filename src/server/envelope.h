/* envelope - MAIL and RCPT (inbound 3.1, 3.3, 5.15). */
#ifndef SERVER_ENVELOPE_H
#define SERVER_ENVELOPE_H

#include "server/session.h"

/* The address that `argument` holds, by the rules of MAIL and RCPT.  ANSWER_NO: it is malformed.
 * ANSWER_ERROR: nobody knows our own addresses; that was answered, and the session is over. */
enum answer envelope_address(
    struct session *s, struct view argument, struct address *address, struct view *rest);

void envelope_mail(struct session *s, struct view argument);
void envelope_rcpt(struct session *s, struct view argument);

/* The same where no command brings them (QMTP): the address as it is.  What is about SMTP alone is not
 * asked; in strict mode only rcpthosts is, as in qmail.  s->code is below 400 if it was accepted. */
void envelope_sender(struct session *s, const struct address *sender);
void envelope_recipient(struct session *s, const struct address *recipient);

#endif
