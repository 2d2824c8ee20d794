/* routetable - the route of a delivery, by control/authsenders, qmtproutes, smtproutes and what they
 * refer to, all read afresh for each (outbound 2.2, 3.3). */
#ifndef CLIENT_ROUTETABLE_H
#define CLIENT_ROUTETABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/credential.h"
#include "client/relaylist.h"
#include "client/route.h"
#include "client/routeselect.h"
#include "lib/ip.h"
#include "lib/origin.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"

/* What was found.  {0} is valid: no route, use the MX. */
struct route {
	struct str relay; /* the first as written, without brackets; empty: use the MX */
	struct relaylist relays; /* all of them; empty: use the MX */
	struct route_value
	    value; /* of the first; its views are not valid here: use `relay` and `credential` */
	struct credential credential; /* wipe as soon as it was used */
	struct str
	    oauth; /* name in control/oauth of the token that is its password, or empty */
	struct str
	    sender; /* to be said in place of a sender that is not empty; or empty */
	struct origin from; /* the line that decided; "" when none did */
	const char *flaw;   /* of that line: what the admin may not have meant; or NULL */
	struct origin credential_from; /* "" when there is no credential */

	/* Of a named route. */
	struct str name; /* of the directory in control/routes, or empty */
	struct str
	    tls; /* level and attributes, as in tlspolicy; empty: it has no word on it */
	struct origin tls_from;
	struct str
	    mechanisms;  /* of AUTH, as in authmechs; empty: it has no word on them */
	struct str helo; /* our name; empty: as always */
	struct ip source4, source6; /* our address; version 0: as always */
};

enum route_result {
	ROUTE_OK,
	ROUTE_INVALID, /* a file is unreadable, or the line selected is: `problem` says which */
	ROUTE_NOT_FOR_SENDER, /* and `problem` says which file says so */
};

/* The current directory must be the home. */
enum route_result route_find(
    const struct route_query *query, struct route *out, struct problem *problem);
void route_free(struct route *route); /* wipes the credential */

#endif
