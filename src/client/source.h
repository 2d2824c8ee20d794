/* source - from which of our addresses, and under which name, a delivery is made: what
 * control/outgoingip, outgoingip6 and helohost say for all is replaced by control/domainips for a
 * sender's domain, and that by the route's own word (outbound 2.5).
 *
 * A line of domainips is
 *
 *   domain:[address[%interface]][|name]
 *
 * with "*" for all other domains.  A domain may have a line for each family of addresses; 0.0.0.0 and
 * :: let the kernel choose.  The interface is s/qmail's and of no effect: the address tells. */
#ifndef CLIENT_SOURCE_H
#define CLIENT_SOURCE_H

#include <stdbool.h>

#include "client/controls.h"
#include "lib/answer.h"
#include "lib/ip.h"
#include "lib/problem.h"
#include "lib/view.h"
#include "route/routetable.h"

/* What stands behind the key.  {0} says nothing. */
struct source_value {
	struct ip ip;     /* version 0: not given */
	struct view name; /* empty: not given; points into the line */
};

/* False, *out untouched: it is none. */
bool source_parse(struct view value, struct source_value *out);

/* Put into *controls what differs for this sender, as the message says it, and this route.
 * ANSWER_YES; or ANSWER_ERROR, with `problem`: the file is unreadable, or a line that is meant is
 * none. */
enum answer source_choose(struct view sender, const struct route *route,
    struct controls *controls, struct problem *problem);

#endif
