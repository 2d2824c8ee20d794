/* routetable - which line of control/authsenders and control/smtproutes a delivery takes, read
 * afresh for each (outbound 2.2, 3.3). */
#ifndef CLIENT_ROUTETABLE_H
#define CLIENT_ROUTETABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/credential.h"
#include "client/route.h"
#include "config/control.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"

/* Whose route is asked for. */
struct route_query {
	struct view host;
	struct view sender;    /* empty for bounces */
	struct view recipient; /* empty when there are several */
};

/* What was found.  {0} is valid: no route, use the MX. */
struct route {
	struct str relay; /* as written, without brackets; empty: use the MX */
	struct route_value
	    value; /* its views are not valid here: use `relay` and `credential` */
	struct credential credential; /* wipe as soon as it was used */
	struct str
	    oauth; /* name in control/oauth of the token that is its password, or empty */
};

enum route_result {
	ROUTE_OK,
	ROUTE_INVALID, /* a file is unreadable, or the line selected is: `problem` says which */
};

/* The current directory must be the home. */
enum route_result route_find(
    const struct route_query *query, struct route *out, struct problem *problem);
void route_free(struct route *route); /* wipes the credential */

/* The line's value that the query selects in a list, or NULL: of smtproutes (the recipient's
 * address, "!@" for bounces, the host and its suffixes, the empty key; of equal keys the last) and
 * of authsenders (the sender and its suffixes at '.' and '@', "!@", the empty key; lines with an
 * empty value do not count). */
bool route_select(const struct control_list *list, const struct route_query *query,
    struct view *value, size_t *line);
bool route_select_authsender(const struct control_list *list,
    const struct route_query *query, struct view *value, size_t *line);

#endif
