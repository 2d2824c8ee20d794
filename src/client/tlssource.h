/* tlssource - the sources that tlschoice_make() asks, in its order.  Each answers ANSWER_YES with
 * its word in *choice, where tlschoice_set() puts the level and origin_note() the place it is from;
 * ANSWER_NO, with *choice untouched, when it has nothing to say of this connection; ANSWER_ERROR
 * with `problem` when it cannot be read.  `choice` comes with the server's name in it. */
#ifndef CLIENT_TLSSOURCE_H
#define CLIENT_TLSSOURCE_H

#include "client/tlschoice.h"
#include "lib/answer.h"
#include "lib/problem.h"

typedef enum answer tlssource(const struct tlschoice_question *question,
    struct tlschoice *choice, struct problem *problem);

/* control/tlshosts/NAME.pem: TLS is mandatory, and that file is the trust store. */
tlssource tlssource_hosts;

/* control/tlspolicy. */
tlssource tlssource_policy;

/* control/notlshosts/NAME, or control/tlshosts/exhaustivelist: no TLS. */
tlssource tlssource_nohosts;

/* cache/sts: the policy of the recipient's domain, by MTA-STS (RFC 8461). */
tlssource tlssource_sts;

#endif
