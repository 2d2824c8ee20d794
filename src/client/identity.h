/* identity - may a delivery go over a session that was opened for another one?  Only if whatever the
 * control files said then about whom to talk to, as whom and how, they say now (outbound 5.5, rows 5
 * to 7).  Each half is a keyed hash, so that what is kept of a credential is of no use elsewhere. */
#ifndef CLIENT_IDENTITY_H
#define CLIENT_IDENTITY_H

#include <stdbool.h>

#include "client/attempt.h"
#include "lib/hash.h"
#include "lib/view.h"
#include "tlspolicy/tlschoice.h"

struct identity {
	unsigned char octets[SHA256_LEN];
};

/* Relay and port, or the host; credential, or whose token; our name and source addresses. */
struct identity identity_of_route(const struct task *task, struct view salt);

/* A route for one recipient's address wins over that of the host, but not where several go together: do
 * all recipients have the one that they have together? */
bool identity_is_of_each(
    const struct identity *together, const struct task *task, struct view salt);

/* What TLS has to be, the files that prove it included, as they are on disk. */
struct identity identity_of_tls(
    const struct tlschoice *tls, bool clear_allowed, struct view salt);

bool identity_equal(const struct identity *a, const struct identity *b);

#endif
