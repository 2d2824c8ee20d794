/* routetable - the route of a delivery, by control/authsenders, qmtproutes, smtproutes and what they
 * refer to, all read afresh for each (outbound 2.2, 3.3). */
#ifndef CLIENT_ROUTETABLE_H
#define CLIENT_ROUTETABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/credential.h"
#include "client/route.h"
#include "client/routeselect.h"
#include "lib/origin.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"

/* What was found.  {0} is valid: no route, use the MX. */
struct route {
	struct str relay; /* as written, without brackets; empty: use the MX */
	struct route_value
	    value; /* its views are not valid here: use `relay` and `credential` */
	struct str
	    name; /* of the directory in control/routes that it comes from, or empty */
	struct credential credential; /* wipe as soon as it was used */
	struct str
	    oauth; /* name in control/oauth of the token that is its password, or empty */
	struct origin from;            /* the line that decided; "" when none did */
	struct origin credential_from; /* "" when there is no credential */
};

enum route_result {
	ROUTE_OK,
	ROUTE_INVALID, /* a file is unreadable, or the line selected is: `problem` says which */
};

/* The current directory must be the home. */
enum route_result route_find(
    const struct route_query *query, struct route *out, struct problem *problem);
void route_free(struct route *route); /* wipes the credential */

#endif
