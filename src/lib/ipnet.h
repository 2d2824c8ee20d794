/* ipnet - a network of IP addresses: what it is written as, and who is in it. */
#ifndef LIB_IPNET_H
#define LIB_IPNET_H

#include <stdbool.h>

#include "lib/ip.h"
#include "lib/view.h"

struct ipnet {
	struct ip ip;
	unsigned bits; /* of the mask; at most 32 for IPv4, 128 for IPv6 */
};

/* Parse "192.0.2.1", "192.0.2.0/24", "192.0.2.0/255.255.255.0" or "2001:db8::/32"; an address alone
 * has all bits.  False, *out untouched, for anything else. */
bool ipnet_parse(struct view text, struct ipnet *out);

bool ipnet_has(const struct ipnet *net, const struct ip *ip);

/* How many bits an address of this version has. */
unsigned ipnet_width(const struct ip *ip);

#endif
