/* tlssource - the sources that tlschoice_make() asks, in its order.  Each answers ANSWER_YES with
 * its word in *choice, where tlschoice_set() puts the level and origin_note() the place it is from;
 * ANSWER_NO, with *choice untouched, when it has nothing to say of this connection; ANSWER_ERROR
 * with `problem` when it cannot be read.  `choice` comes with the server's name in it. */
#ifndef TLSPOLICY_TLSSOURCE_H
#define TLSPOLICY_TLSSOURCE_H

#include "lib/answer.h"
#include "lib/problem.h"
#include "tlspolicy/tlschoice.h"

typedef enum answer tlssource(const struct tlschoice_question *question,
    struct tlschoice *choice, struct problem *problem);

/* control/tlshosts/NAME.pem: TLS is mandatory, and that file is the trust store. */
tlssource tlssource_hosts;

/* What the named route says, control/routes/NAME/tls. */
tlssource tlssource_route;

/* control/tlspolicy. */
tlssource tlssource_policy;

/* control/tlsdestinations. */
tlssource tlssource_destinations;

/* control/notlshosts/NAME or a line of control/notlshosts, or control/tlshosts/exhaustivelist: no
 * TLS. */
tlssource tlssource_nohosts;

/* Without a file: DANE, where the DNS answers that led to the server may be believed. */
tlssource tlssource_dane;

struct tlspolicy;

/* For who has a policy from elsewhere: its level, names, trust store and the rest into *choice, as
 * tlssource_policy() does for its line. */
void tlspolicy_apply(const struct tlspolicy *policy,
    const struct tlschoice_question *question, struct tlschoice *choice);
/* cache/sts: the policy of the recipient's domain, by MTA-STS (RFC 8461). */
tlssource tlssource_sts;

#endif
