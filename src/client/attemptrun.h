/* attemptrun - the steps of one try of a delivery at one address: hello, TLS, AUTH, transaction. */
#ifndef CLIENT_ATTEMPTRUN_H
#define CLIENT_ATTEMPTRUN_H

#include "client/attempt.h"

/* May it be connected to?  If the policy of its domain is against it, that is reported, unless more is
 * known of another address, and noted. */
bool attempt_admits(struct attempt *a, const struct target *target);

/* Go on with `target`, which must stay and to which `fd` is connected.  The session is open afterwards only on ATTEMPT_DONE,
 * if no error ended it; the credential is wiped then. */
enum attempt_result attempt_run(
    struct attempt *a, const struct target *target, int fd, struct problem *problem);

#endif
