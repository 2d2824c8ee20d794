/* clientcert - a client with a certificate that we know may relay (inbound 4.1.8, D16): one that
 * verifies against control/clientca.pem and whose e-mail address is in control/tlsclients.  qmail-tls
 * asked for it in the handshake because both files are there, and told what came of it. */
#ifndef SERVER_CLIENTCERT_H
#define SERVER_CLIENTCERT_H

#include "lib/answer.h"
#include "server/session.h"

/* Asked when rcpthosts refuses.  ANSWER_YES: the session is a relay client's from now on.
 * ANSWER_NO: *why has changed if certificates are asked for in this session: it says what was
 * wrong with this one.  ANSWER_ERROR with `problem`: control/tlsclients cannot be read. */
enum answer clientcert_relays(
    struct session *s, struct ruling *why, struct problem *problem);

#endif
