/* sendsettings - the control files of qmail-send (queue 4.2, outbound 6.1), read at its start; HUP
 * reads locals and virtualdomains again. */
#ifndef DELIVERY_SENDSETTINGS_H
#define DELIVERY_SENDSETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "users/route.h"

struct sendsettings {
	uint64_t concurrency[CHANNELS]; /* 0 holds the channel */
	uint64_t lifetime;              /* seconds in the queue */
	uint64_t bounce_max; /* octets of the message in a bounce; UINT64_MAX: all */
	struct str bouncefrom, bouncehost;
	struct str doublebounceto, doublebouncehost; /* no doublebounceto: discard */
	struct routes routes;
};

/* The current directory is the home.  0, or -1: a file is unreadable, or there is neither me nor
 * locals. */
int sendsettings_read(struct sendsettings *out);

/* Read locals and virtualdomains again.  0; or -1 with the failing file's name in *file and the
 * old values kept. */
int sendsettings_reread(struct sendsettings *s, const char **file);
void sendsettings_free(struct sendsettings *s);

#endif
