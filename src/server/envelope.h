/* envelope - MAIL and RCPT (inbound 3.1, 3.3, 5.15). */
#ifndef SERVER_ENVELOPE_H
#define SERVER_ENVELOPE_H

#include "server/session.h"

void envelope_mail(struct session *s, struct view argument);
void envelope_rcpt(struct session *s, struct view argument);

#endif
