/* ptr - names of an address, and the reversed form of one that list zones are asked by. */
#ifndef DNS_PTR_H
#define DNS_PTR_H

#include <stddef.h>

#include "dns/resolver.h"
#include "lib/answer.h"
#include "lib/arena.h"
#include "lib/deadline.h"
#include "lib/ip.h"
#include "lib/str.h"
#include "lib/view.h"

/* Append the octets of an IPv4 address, the nibbles of an IPv6 one, last first, each with a dot
 * behind it, and then `zone`: "2.0.0.127.bl.example" (RFC 5782 2.1, 2.4). */
void ptr_reverse(struct str *out, const struct ip *ip, struct view zone);

/* The names of `ip`, unverified: anybody can put any name into his own reverse zone.
 * ANSWER_NO: none.  They are in the arena. */
enum answer ptr_lookup(struct resolver *r, const struct ip *ip, struct deadline deadline,
    struct arena *mem, struct view **names, size_t *count);

#endif
