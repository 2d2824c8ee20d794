/* namedroute - a route that is a directory, control/routes/NAME/, one value a file (outbound 3.2); all
 * are optional but the relay, and those marked * may come from the profile:
 *
 *   relay *      relays, one a line (relaylist.h); {region} in them is what the file region says
 *   port *       ["s"] port of relays without one
 *   user         whom the relays know us as; none: no credential
 *   password     the rest of it, unless there is a control/oauth/NAME or a control/oauthtokens/USER
 *   senders      who may use the route: user@domain, @domain, domain, .suffix, "!@" for bounces
 *   source       our address, IPv4, IPv6 or a line of each
 *   helo         our name
 *   authmechs *  AUTH mechanisms, in order
 *   tls *        what may stand behind the key in control/tlspolicy (tlssource.h)
 *   profile      name of a directory in profiles/ */
#ifndef ROUTE_NAMEDROUTE_H
#define ROUTE_NAMEDROUTE_H

#include "lib/problem.h"
#include "lib/view.h"
#include "route/route.h"
#include "route/routetable.h"

struct namedroute_query {
	struct view name; /* that route_parse() let pass */
	enum route_protocol protocol;
	struct view sender;
};

/* Read it into *route, where its credential takes the place of another one.  When not ROUTE_OK, *route
 * is only good for route_free(). */
enum route_result namedroute_take(
    struct route *route, const struct namedroute_query *query, struct problem *problem);

#endif
