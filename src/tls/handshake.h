/* handshake - on nonblocking descriptors, under a deadline. */
#ifndef TLS_HANDSHAKE_H
#define TLS_HANDSHAKE_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "lib/deadline.h"
#include "lib/str.h"

/* Run the handshake of `ssl`, whose descriptors are `in` and `out`.  Gives up when the other end
 * of `caller` (a socket; -1: none) is closed: nobody wants the session any more.  0, or -1 with the
 * reason appended: OpenSSL's words for the certificate if that is why. */
int handshake_run(
    SSL *ssl, int in, int out, int caller, struct deadline deadline, struct str *reason);

#endif
