/* address - the addresses of one host: a relay named in a route (outbound 2.2: never its MX), or
 * a name whose existence is in question. */
#ifndef DNS_ADDRESS_H
#define DNS_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/resolver.h"
#include "lib/arena.h"
#include "lib/deadline.h"
#include "lib/ip.h"
#include "lib/view.h"

enum dns_address_result {
	DNS_ADDRESS_FOUND, /* at least one */
	DNS_ADDRESS_SOFT, /* none was found, and A or AAAA could not be found out: Z 4.1.2 */
	DNS_ADDRESS_NO_HOST, /* no such name, no address, or no domain name: D 5.1.2 */
};

struct dns_address {
	struct ip ip;
	struct view canonical; /* what has it: the name behind all CNAMEs */
	bool authentic;        /* came with AD */
};

struct dns_address_list {
	struct dns_address
	    *addresses;   /* families alternate, each shuffled; in the arena */
	size_t count;     /* at most the caller's limit */
	bool some_failed; /* A or AAAA could not be found out */
	bool literal;     /* the name was an IP address */
	struct view name; /* what was asked, in A-labels: for SNI and TLS policy */
};

/* A and AAAA of `name`, asked at once.  An IP address, bare ("192.0.2.1") or in brackets, is taken
 * as such without a question.  `seed` is random.  `out` is filled in on DNS_ADDRESS_FOUND only. */
enum dns_address_result dns_address_lookup(struct resolver *r, struct view name,
    uint64_t seed, size_t limit, struct deadline deadline, struct arena *mem,
    struct dns_address_list *out);

#endif
