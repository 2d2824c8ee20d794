/* mx - the addresses to try for a domain, in order (RFC 5321 5.1, RFC 7505; outbound 2.3).
 *
 * The exchangers by preference, equal ones shuffled; A and AAAA of all of them, asked at once.
 * Within a preference the families alternate, so that a dead one cannot hold the host up; IPv4
 * comes first, because that is what qmail always used.  A domain that has no MX record is its own
 * exchanger (preference 0). */
#ifndef DNS_MX_H
#define DNS_MX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/resolver.h"
#include "lib/arena.h"
#include "lib/deadline.h"
#include "lib/ip.h"
#include "lib/view.h"

enum mx_result {
	MX_FOUND,      /* at least one address */
	MX_SOFT,       /* could not find out: Z 4.1.2 */
	MX_NO_HOST,    /* no MX and no address, or no domain name at all: D 5.1.2 */
	MX_NO_ADDRESS, /* exchangers, but not one has an address: D 5.4.4 */
	MX_NULL,       /* "MX 0 .": D 5.1.10 */
};

/* One address to try. */
struct mx_address {
	struct ip ip;
	/* The exchanger, in A-labels, for SNI, TLS policy and the log; an IP address's text if
	 * `literal`. */
	struct view name;
	struct view canonical; /* what has the address: the name behind all CNAMEs */
	uint16_t preference;   /* 0 where there is no MX record */
	bool
	    literal; /* the MX record names an IP address: no name to verify; to be logged */
	bool
	    authentic; /* this address came with AD: DANE may be asked for (RFC 7672 2.2) */
};

struct mx_list {
	struct mx_address
	    *addresses;     /* best first; they and the names are in the arena */
	size_t count;       /* at most the caller's limit */
	struct view domain; /* what was asked, in A-labels */
	bool implicit;      /* the domain has no MX record */
	bool authentic;     /* the MX answer came with AD */
	/* There were exchangers without any address known, because it could not be found out.  When
	 * self-elimination (outbound 2.4) leaves nothing and mx_better_failed(), the result is
	 * Z 4.1.2 and not 5.4.6. */
	bool some_failed;
	uint16_t failed_preference; /* the best of them; only if some_failed */
};

/* Find them.  `seed` is random, `limit` is limits.mx_addresses.  `out` is filled in on MX_FOUND
 * only.  The domain must not be an address literal: that is the caller's. */
enum mx_result mx_lookup(struct resolver *r, struct view domain, uint64_t seed,
    size_t limit, struct deadline deadline, struct arena *mem, struct mx_list *out);

/* Did an exchanger fail that is better than preference `own`, the best one that is ourselves? */
bool mx_better_failed(const struct mx_list *list, uint16_t own);

#endif
