/* authoffer - may AUTH be used now, and with which mechanisms (inbound 4.2)? */
#ifndef SERVER_AUTHOFFER_H
#define SERVER_AUTHOFFER_H

#include <stdbool.h>

#include "auth/sasl_server.h"
#include "server/session.h"

/* Append "AUTH LOGIN PLAIN" to `out`, which is empty; nothing if AUTH is not to be offered now. */
void authoffer_append_keyword(struct session *s, struct str *out);

/* True if the command cannot be used, or not now; then that was answered. */
bool authoffer_refuses(struct session *s);

/* Must TLS come first?  A password in clear is asked for only where TLS cannot be had, or the admin said
 * so. */
bool authoffer_needs_tls(struct session *s, enum sasl_mechanism mechanism);

#endif
