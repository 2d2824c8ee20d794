/* warm - one handshake in memory, before children are forked: what OpenSSL loads and allocates at
 * its first handshake is then done once, not once a child. */
#ifndef TLS_WARM_H
#define TLS_WARM_H

#include <openssl/ssl.h>

/* Either may be NULL: a throw-away one takes its place.  That it fails has no consequence. */
void warm_up(SSL_CTX *server, SSL_CTX *client);

#endif
