/* envelopeaddress - the address behind MAIL and RCPT: what a dialect takes for one, and whether an address
 * literal in it is this host (inbound 3.1). */
#ifndef SERVER_ENVELOPEADDRESS_H
#define SERVER_ENVELOPEADDRESS_H

#include "server/session.h"

/* The address that `argument` holds, by the rules of MAIL and RCPT, and what stands behind it.  Both point
 * into s->scratch or `argument`.  ANSWER_NO: it is malformed or too long.  ANSWER_ERROR: nobody knows our
 * own addresses; that was answered, and the session is over. */
enum answer envelopeaddress_parse(
    struct session *s, struct view argument, struct address *address, struct view *rest);

/* The same for the argument of a command.  False: it was refused. */
bool envelopeaddress_take(
    struct session *s, struct view argument, struct address *address, struct view *rest);

#endif
