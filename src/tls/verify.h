/* verify - what a client demands of the server's certificate (outbound 4.2, 4.4), and how a
 * certificate is told of. */
#ifndef TLS_VERIFY_H
#define TLS_VERIFY_H

#include <openssl/ssl.h>

#include "lib/str.h"
#include "tls/request.h"

/* Before the handshake: what the request's level and rules demand, and the server name to send.
 * At the levels that verify, a certificate that does not fit ends the handshake; below, the
 * result is only kept.  No name: the chain alone.  0 or -1. */
int verify_prepare(SSL *ssl, const struct request *r);

/* The names of the request, of which the certificate must have one.  False: OpenSSL cannot. */
bool verify_names(SSL *ssl, const struct request *r);

/* After the handshake: what OpenSSL does not judge by itself.  0, or -1 with the reason appended. */
int verify_finish(SSL *ssl, const struct request *r, struct str *reason);

/* Nothing is demanded after all: the result is only kept. */
void verify_nothing(SSL *ssl);

/* After that: a CN of the certificate is no name, dNSNames only (RFC 8461 4.1). */
void verify_names_only(SSL *ssl);

/* Append "ok", or OpenSSL's words for what is wrong; "no certificate". */
void verify_text(SSL *ssl, struct str *out);

/* Append the subject as one line (RFC 2253 order); nothing without a certificate. */
void verify_subject(X509 *certificate, struct str *out);
/* The same of any name. */
void verify_name(const X509_NAME *name, struct str *out);

#endif
