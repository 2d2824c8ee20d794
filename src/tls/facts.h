/* facts - what a handshake came to, as fields of the answer. */
#ifndef TLS_FACTS_H
#define TLS_FACTS_H

#include <openssl/ssl.h>

#include "lib/str.h"

/* Add the TAG_TLS_ fields of an answer to `packet`. */
void facts_add(SSL *ssl, struct str *packet);
/* Only what is known of a handshake that failed. */
void facts_add_code(SSL *ssl, struct str *packet);

#endif
