/* relaylist - the relays of one route, in order of preference.  A line of control/routes/NAME/relay is
 *
 *   relay[:port...][ order[ weight]]
 *
 * with the relay and its port as in smtproutes.  As with SRV records (RFC 2782), a lower order comes
 * first; among equals chance decides, a relay with twice the weight being first twice as often.  Both
 * are 0 to 65535; order is 0 if not given, weight 1; a weight of 0 is only for when no other of its
 * order is left. */
#ifndef ROUTE_RELAYLIST_H
#define ROUTE_RELAYLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"
#include "route/route.h"

enum { RELAYLIST_MAX = 16 };

/* {0} is none. */
struct relay {
	struct str name; /* as written, without brackets */
	uint16_t port;
	bool implicit_tls;
	uint16_t order, weight;
};

/* {0} is empty. */
struct relaylist {
	struct relay relays[RELAYLIST_MAX];
	size_t count;
};

/* Parse a line and add it.  `usual` has the protocol, and the port for a relay without one; *value,
 * which may be NULL, becomes what route_parse() makes of the line.  False, nothing added: the line is
 * none, or one too many. */
bool relaylist_add_line(struct relaylist *list, struct view line,
    const struct route_value *usual, struct route_value *value);

/* In which order they are to be tried: indexes, as many as there are relays.  `seed` is random. */
void relaylist_order(
    const struct relaylist *list, uint64_t seed, size_t order[RELAYLIST_MAX]);

void relaylist_free(struct relaylist *list);

#endif
