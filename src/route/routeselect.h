/* routeselect - which line of a table of routes is meant (outbound 2.2, 3.3).  Pure: nothing is
 * read. */
#ifndef ROUTE_ROUTESELECT_H
#define ROUTE_ROUTESELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "config/control.h"
#include "lib/view.h"

/* Whose route is asked for. */
struct route_query {
	struct view host;
	struct view sender;    /* empty for bounces */
	struct view recipient; /* empty when there are several */
};

/* A line, and how well its key fits: of two tables the higher wins.  {0} is none. */
struct route_choice {
	size_t fits;
	struct view value; /* what stands behind the key */
	size_t line;
};

/* In smtproutes: the recipient's address, "!@" for bounces, the host and its suffixes, the empty key;
 * of equal keys the last.  False, *out untouched: no line fits. */
bool route_select(const struct control_list *list, const struct route_query *query,
    struct route_choice *out);

/* In qmtproutes: the same, but no recipient's address is a key there. */
bool route_select_qmtp(const struct control_list *list, const struct route_query *query,
    struct route_choice *out);

/* In authsenders: the sender and its suffixes at '.' and '@', "!@" for bounces, the empty key; lines
 * with an empty value do not count. */
bool route_select_authsender(const struct control_list *list,
    const struct route_query *query, struct route_choice *out);

#endif
