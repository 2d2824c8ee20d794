/* nexthop - where mail for a recipient goes to, as far as it matters for how much is sent there at a time:
 * its host, or the relay that control/smtproutes names for that.  What qmail-remote does with the mail is
 * its own business; it reads more than this. */
#ifndef SEND_NEXTHOP_H
#define SEND_NEXTHOP_H

#include <stdbool.h>
#include <sys/stat.h>

#include "lib/view.h"
#include "users/route.h"

struct nexthops { /* {0}: no routes */
	struct route_table routes;
	struct stat seen; /* the file that they are from */
};

/* Read control/smtproutes if it is another one than last time.  The current directory is the home.  One
 * that cannot be read is as it was: qmail-remote will say so. */
void nexthops_refresh(struct nexthops *hops);
void nexthops_free(struct nexthops *hops);

/* The name of the next hop for a remote address, a part of it or of `hops`.  *is_relay: it is one. */
struct view nexthop_of(const struct nexthops *hops, struct view address, bool *is_relay);

#endif
