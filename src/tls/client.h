/* client - a TLS session as client, from the request to the moment before its handshake. */
#ifndef TLS_CLIENT_H
#define TLS_CLIENT_H

#include <openssl/ssl.h>

#include "lib/str.h"
#include "tls/context.h"
#include "tls/request.h"

/* A connection with trust store, own certificate, ciphers and what to verify.  NULL with the reason
 * appended: we could not do our part. */
SSL *client_prepare(
    struct context_clients *clients, const struct request *r, struct str *reason);

#endif
