/* targets - the addresses to try for a delivery, in order: a relay's, or those of the host's
 * exchangers without ourselves (outbound 2.3, 2.4). */
#ifndef CLIENT_TARGETS_H
#define CLIENT_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/ipme.h"
#include "dns/resolver.h"
#include "lib/arena.h"
#include "lib/deadline.h"
#include "lib/ip.h"
#include "lib/view.h"

struct target {
	uint16_t port;
	bool implicit_tls; /* TLS from the first octet */
	struct ip ip;
	struct view name; /* the relay's as written, or the exchanger's */
	bool name_is_ip;
	struct view
	    asked; /* the same in A-labels, for SNI and what a certificate must have */
	uint16_t preference; /* of the exchanger; 0 for a relay */
	/* Every answer of the DNS that led to this address came with AD: its TLSA records may be asked for
	 * (outbound 4.5). */
	bool secure;
	struct view canonical; /* the name behind all CNAMEs that has the address */
	struct view domain;    /* whose exchanger it is, in A-labels; empty for a relay */
	bool qmtp;             /* by MXPS (outbound 3.1 X) */
};

struct targets {
	struct target *list; /* in the arena, as the names */
	size_t count;
};

enum targets_result {
	TARGETS_FOUND,
	TARGETS_SOFT,       /* Z 4.1.2 */
	TARGETS_NO_HOST,    /* D 5.1.2 */
	TARGETS_NO_ADDRESS, /* D 5.4.4 */
	TARGETS_NULL_MX,    /* D 5.1.10 */
	TARGETS_SELF,       /* D 5.4.6: all that is left is this host */
};

/* How to look: `limit` addresses at most, `seed` random; the port is for
 * all of them. */
struct targets_search {
	struct resolver *resolver;
	uint64_t seed;
	size_t limit;
	uint16_t port;
	bool implicit_tls;
	struct deadline deadline;
	struct arena *mem;
};

/* *out is filled in on TARGETS_FOUND only.  A relay is a name or an address; never its exchangers,
 * and it may be ourselves (the admin wants that). */
enum targets_result targets_of_relay(
    const struct targets_search *search, struct view relay, struct targets *out);

/* `host` may be an address, bare or in brackets. */
enum targets_result targets_of_host(const struct targets_search *search, struct view host,
    const struct ipme *me, struct targets *out);

#endif
