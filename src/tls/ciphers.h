/* ciphers - a cipher list of an admin: names for TLS 1.2 and suites for TLS 1.3 in one list, as
 * control/tlsserverciphers and $TLSCIPHERS have them (inbound 4.1.1). */
#ifndef TLS_CIPHERS_H
#define TLS_CIPHERS_H

#include <openssl/ssl.h>

#include "lib/str.h"
#include "lib/view.h"

/* Split `list` at colons, commas and blanks.  Append the suites of TLS 1.3 that exist to
 * `suites`, everything else to `names`, both joined by ':'.  Names of suites that do not exist
 * are dropped: OpenSSL would refuse the whole list. */
void ciphers_split(struct view list, struct str *names, struct str *suites);

/* Use the list for this connection.  What it says nothing about (only suites, only names) stays
 * the library's default.  0; or -1 when it has names and none of them is known. */
int ciphers_use(SSL *ssl, struct view list);

#endif
