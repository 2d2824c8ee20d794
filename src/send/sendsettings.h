/* sendsettings - the control files of qmail-send (queue 4.2, outbound 6.1), read at its start and at each
 * HUP. */
#ifndef SEND_SENDSETTINGS_H
#define SEND_SENDSETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/problem.h"
#include "lib/str.h"
#include "send/nexthop.h"
#include "users/route.h"

struct sendsettings {                   /* {0}: none */
	uint64_t concurrency[CHANNELS]; /* 0 holds the channel */
	uint64_t per_host;   /* of the remote ones, for one host; 0: no such limit */
	uint64_t host_pause; /* seconds at most without a try of a host; 0: it is tried */
	uint64_t
	    together; /* recipients of a message that qmail-rspawn delivers together */
	uint64_t lifetime;   /* seconds in the queue */
	uint64_t bounce_max; /* octets of the message in a bounce; UINT64_MAX: all */
	bool bounce_dsn;     /* bounces have a part for programs (RFC 3464) */
	struct str bouncefrom, bouncehost;
	struct str doublebounceto, doublebouncehost; /* no doublebounceto: discard */
	struct routes routes;
	struct nexthops nexthops;
};

/* The current directory is the home.  0; or -1 with `problem`, and *out untouched: a file is unreadable,
 * or there is neither me nor locals.  What *out held is freed. */
int sendsettings_read(struct sendsettings *out, struct problem *problem);
void sendsettings_free(struct sendsettings *s);

#endif
