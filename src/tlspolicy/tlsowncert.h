/* tlsowncert - the certificate that we show a server which asks for one: by the sender's domain
 * control/domaincerts, else control/clientcert.pem (outbound 4.1).
 *
 *   sender's domain ":" certificate ["|" key ["|" password]]
 *
 * The domain is the sender's, or a suffix of it with its dot, or "*" for all. */
#ifndef TLSPOLICY_TLSOWNCERT_H
#define TLSPOLICY_TLSOWNCERT_H

#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/view.h"
#include "tlspolicy/tlschoice.h"

/* Fill in cert, key and key_password of *choice, and that the certificate is needed if the admin named
 * it for this sender.  ANSWER_NO without one; ANSWER_ERROR with `problem`. */
enum answer tlsowncert_find(
    struct view sender, struct tlschoice *choice, struct problem *problem);

#endif
