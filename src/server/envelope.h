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

#endif
