/* tlsdane - what a server's TLSA records make of the level of TLS (RFC 7672; outbound 4.5). */
#ifndef TLSPOLICY_TLSDANE_H
#define TLSPOLICY_TLSDANE_H

#include "lib/answer.h"
#include "tlspolicy/tlschoice.h"

/* The choice is TLS_DANE or TLS_DANE_ONLY; settle it by the TLSA records of the server.  ANSWER_YES: it
 * has the records and the names that the certificate may show; or, where records prove nothing, another
 * level; or a refusal.  ANSWER_NO, *choice as it was: TLS_DANE says nothing of this server. */
enum answer tlsdane_settle(
    const struct tlschoice_question *question, struct tlschoice *choice);

#endif
