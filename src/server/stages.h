/* stages - what MAIL and RCPT must get past, once they are well formed: all checks, limits and plugins, in
 * the order that each dialect has had (inbound 5.15).  One more is one more row. */
#ifndef SERVER_STAGES_H
#define SERVER_STAGES_H

#include "server/session.h"

/* Is the sender of s->transaction taken?  False: that was answered. */
bool stages_accept_mail(struct session *s);

/* Is s->recipient?  Likewise. */
bool stages_accept_rcpt(struct session *s);

#endif
