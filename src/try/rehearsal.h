/* rehearsal - what stands in for the rest of the world while a session is only tried: programs are not
 * run, the DNS is not asked; each is shown, and what is taken to be the answer. */
#ifndef TRY_REHEARSAL_H
#define TRY_REHEARSAL_H

#include <stddef.h>

#include "dns/backend.h"
#include "lib/spawn.h"
#include "server/session.h"
#include "try/show.h"

enum { REHEARSAL_CHILDREN = 16 };

struct rehearsal {
	struct show *show;
	const struct session *session;
	struct spawn_broker hooks;
	pid_t real[REHEARSAL_CHILDREN]; /* helpers that are really run */
	size_t real_count;
	pid_t last; /* of those that are not */
};

/* From now on children are started, or not, by *r, which must stay: qmail-rcpt only, which changes
 * nothing, and with `asks_dns` qmail-dns. */
void rehearsal_begin(
    struct rehearsal *r, struct show *show, const struct session *session);
void rehearsal_end(struct rehearsal *r);

/* The DNS for session_resolver(): who sends exists and may, and is on no list. */
struct resolver *rehearsal_resolver(struct rehearsal *r);

#endif
