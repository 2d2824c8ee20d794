/* rewrite - an address as it is sent: without route, with a host, with a whole domain (queue
 * 3.4). */
#ifndef MESSAGE_REWRITE_H
#define MESSAGE_REWRITE_H

#include "message/token.h"

struct rewrite {
	struct tokens default_host;   /* for an address without '@' */
	struct tokens default_domain; /* for a host without a dot */
	struct tokens plus_domain;    /* for a host that ends in '+' */
};

/* Rewrite in place.  The null address and whatever ends in "@[]" stay as they are. */
void rewrite_address(const struct rewrite *r, struct tokens *address);

#endif
