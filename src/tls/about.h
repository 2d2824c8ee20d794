/* about - what a person wants to know of a server's certificate: who issued it, for which names, until
 * when.  For the answer of qmail-tls, and shown by qmail-try. */
#ifndef TLS_ABOUT_H
#define TLS_ABOUT_H

#include <openssl/x509.h>

#include "lib/str.h"

/* Add TAG_TLS_ENDS and TAG_TLS_ABOUT to an answer. */
void about_add(X509 *certificate, struct str *packet);

#endif
