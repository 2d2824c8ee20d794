/* dane - a server's certificate is proved by TLSA records of its name, which the caller has from a
 * DNS that may be believed (RFC 6698, 7671, 7672; outbound 4.5). */
#ifndef TLS_DANE_H
#define TLS_DANE_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "lib/str.h"
#include "tls/request.h"

/* After verify_prepare(), before the handshake: the records and names of the request.  When none of the
 * records is usable, TLS_DANE demands nothing of the certificate, and TLS_DANE_ONLY cannot be had.
 * 0, or -1 with the reason appended. */
int dane_prepare(SSL *ssl, const struct request *request, struct str *reason);

/* After the handshake: did a record prove the peer, if one had to?  A resumed session shows no
 * certificate, so it proves nothing.  0, or -1 with the reason appended. */
int dane_finish(SSL *ssl, struct str *reason);

/* Add TAG_TLS_MATCHED and TAG_TLS_DEPTH, if a record did. */
void dane_add_facts(SSL *ssl, struct str *packet);

#endif
