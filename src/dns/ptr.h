/* ptr - the reversed form of an address, by which its names and list zones are asked. */
#ifndef DNS_PTR_H
#define DNS_PTR_H

#include "lib/ip.h"
#include "lib/str.h"
#include "lib/view.h"

/* Append the octets of an IPv4 address, the nibbles of an IPv6 one, last first, each with a dot
 * behind it, and then `zone`: "2.0.0.127.bl.example" (RFC 5782 2.1, 2.4). */
void ptr_reverse(struct str *out, const struct ip *ip, struct view zone);

#endif
