/* fingerprint - a certificate that is known by the digest of itself, or of its public key (outbound
 * 4.1, 4.2): neither who signed it nor its names and dates matter then. */
#ifndef TLS_FINGERPRINT_H
#define TLS_FINGERPRINT_H

#include <openssl/x509.h>

#include "lib/str.h"
#include "lib/view.h"

/* `fingerprints`: digests in lower-case hex with ',' between; their lengths say SHA-1, SHA-224,
 * SHA-256 or SHA-512.  0 if one is the certificate's or its SubjectPublicKeyInfo's; else -1 with the
 * reason appended. */
int fingerprint_check(X509 *certificate, struct view fingerprints, struct str *reason);

#endif
