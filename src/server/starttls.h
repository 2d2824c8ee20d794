/* starttls - TLS as a session sees it (inbound 4.1, 4.3; RFC 3207, RFC 8314).  The work is done by
 * qmail-tls (wire/tls.h), or by the server that started us (UCSPI-TLS): the parser of commands
 * never holds a key. */
#ifndef SERVER_STARTTLS_H
#define SERVER_STARTTLS_H

#include <stdbool.h>

#include "server/session.h"

/* The STARTTLS command. */
void starttls_run(struct session *s, struct view argument);

/* Is STARTTLS to be offered now?  When somebody wants TLS and it cannot be had, the log says why. */
bool starttls_is_offered(struct session *s);

/* True if TLS is required, and missing; then the command has been refused. */
bool starttls_refuses(struct session *s, bool is_mail);

/* Implicit TLS ($SMTPS), or TLS that somebody in front of us does ($SSL).  False when there is to be
 * no greeting: the session is over. */
bool starttls_before_greeting(struct session *s);

/* Let go of the helper. */
void starttls_end(struct session *s);

#endif
