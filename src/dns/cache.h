/* cache - a resolver that remembers answers of another for a while: a session that brings many
 * messages from one domain asks about it once. */
#ifndef DNS_CACHE_H
#define DNS_CACHE_H

#include "dns/resolver.h"

enum {
	CACHE_ANSWERS = 64,  /* remembered at most; the oldest goes first */
	CACHE_OCTETS = 4096, /* of one; what is larger is not remembered */
	CACHE_SECONDS =
	    300, /* at most, and no longer than any record of it may be kept */
	CACHE_NOTHING_SECONDS = 60, /* that there is no such record */
};

/* `inner` is freed with it.  A failure is not remembered. */
struct resolver *resolver_cached(struct resolver *inner);

#endif
