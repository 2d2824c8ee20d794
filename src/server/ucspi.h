/* ucspi - UCSPI-TLS: the server that started us (sslserver) does the TLS when we ask it to
 * (inbound 4.3). */
#ifndef SERVER_UCSPI_H
#define SERVER_UCSPI_H

#include <stdbool.h>

#include "lib/deadline.h"
#include "lib/env.h"
#include "wire/tlsfacts.h"

/* $UCSPITLS is set, and not "-". */
bool ucspi_is_offered(void);
/* ... is "!" or "@": no mail without TLS. */
bool ucspi_is_required(void);
/* ... is "?" or "@": a client with a certificate may relay. */
bool ucspi_relays_certificates(void);

/* Are $SSLCTLFD, $SSLREADFD and $SSLWRITEFD descriptors that are open? */
bool ucspi_has_descriptors(void);

/* Ask for TLS, take what the server says about it into `env` (names that start with SSL only) and
 * `facts`, and make descriptors 0 and 1 the plaintext.  $UCSPITLS is taken out of `env`.
 * 0, or -1 when the server did not do its part in time. */
int ucspi_start(struct env_list *env, struct deadline deadline, struct tls_facts *facts,
    bool *has_client_certificate);

/* For TLS that was there before us: $SSL_PROTOCOL and $SSL_CIPHER. */
void ucspi_facts_from_environment(struct tls_facts *facts);

#endif
