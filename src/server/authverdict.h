/* authverdict - who says to be somebody is asked about (inbound 4.2): the limits on guesses, the checker, the
 * limit on sessions, and what a session becomes when all of them agree. */
#ifndef SERVER_AUTHVERDICT_H
#define SERVER_AUTHVERDICT_H

#include "auth/sasl_server.h"
#include "server/session.h"

/* The exchange is complete: find out, answer, log.  s->auth.done is set if the client is who it says; the
 * session may be over after too many guesses, which take longer each time. */
void authverdict_reach(struct session *s, const struct sasl_server *sasl);

#endif
