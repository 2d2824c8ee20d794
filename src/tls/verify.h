/* verify - what a client demands of the server's certificate (outbound 4.2, 4.4), and how a
 * certificate is told of. */
#ifndef TLS_VERIFY_H
#define TLS_VERIFY_H

#include <openssl/ssl.h>

#include "lib/str.h"
#include "wire/tls.h"

/* Before the handshake: verify `name` (a host name, or an address if is_ip), send it as server
 * name unless it is an address.  At TLS_SECURE a certificate that does not fit ends the
 * handshake, below that the result is only kept.  No name: the chain alone.  0 or -1. */
int verify_prepare(SSL *ssl, const char *name, bool is_ip, enum tls_level level);

/* After that: a CN of the certificate is no name, dNSNames only (RFC 8461 4.1). */
void verify_names_only(SSL *ssl);

/* Append "ok", or OpenSSL's words for what is wrong; "no certificate". */
void verify_text(SSL *ssl, struct str *out);

/* Append the subject as one line (RFC 2253 order); nothing without a certificate. */
void verify_subject(X509 *certificate, struct str *out);

#endif
