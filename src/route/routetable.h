/* routetable - the route of a delivery, by control/authsenders, qmtproutes, smtproutes and what they
 * refer to, all read afresh for each (outbound 2.2, 3.3). */
#ifndef ROUTE_ROUTETABLE_H
#define ROUTE_ROUTETABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/credential.h"
#include "lib/ip.h"
#include "lib/origin.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"
#include "route/relaylist.h"
#include "route/route.h"
#include "route/routeselect.h"

/* What was found.  {0} is valid: no route, use the MX. */
struct route {
	/* Relays; none: use the MX.  `relay` is the first of them, as written, without brackets. */
	struct str relay;
	struct relaylist relays;
	/* Of the first.  Its views are not valid here. */
	struct route_value value;
	struct origin from; /* the line that decided; "" when none did */
	const char *flaw;   /* of that line: what the admin may not have meant; or NULL */

	/* Wipe as soon as it was used. */
	struct credential credential;
	struct origin credential_from; /* "" when there is none */
	struct str oauth; /* name in control/oauth of the token in it, or empty */

	/* In place of the message's sender, where that is not empty; or empty. */
	struct str sender;

	/* Of a named route; what is empty it has no word on. */
	struct str name; /* of the directory in control/routes */
	struct str tls;  /* level and attributes, as in tlspolicy */
	struct origin tls_from;
	struct str mechanisms;      /* of AUTH, as in authmechs */
	struct str helo;            /* our name */
	struct ip source4, source6; /* our address; version 0: no word */
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
