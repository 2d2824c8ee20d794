/* ip - an IPv4 or IPv6 address. */
#ifndef LIB_IP_H
#define LIB_IP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

struct ip {
	uint8_t version;   /* 4, 6, or 0 for none */
	uint8_t bytes[16]; /* the first 4 for IPv4; network order */
};

/* Parse a dotted quad of decimal numbers up to 255, or IPv6 text (RFC 4291 2.2).  An IPv4-mapped
 * IPv6 address (::ffff:1.2.3.4) becomes the IPv4 one.  False, *out untouched, for anything
 * else, a zone index too. */
bool ip_parse(struct view text, struct ip *out);

/* The same for what stands in an address literal: "192.0.2.1" or "IPv6:2001:db8::1" between
 * "[" and "]", brackets included (RFC 5321 4.1.3); "[2001:db8::1]" is accepted too. */
bool ip_parse_literal(struct view text, struct ip *out);

/* Append the usual text form, IPv6 as RFC 5952 wants it. */
void ip_format(struct str *out, const struct ip *ip);

bool ip_equal(const struct ip *a, const struct ip *b);
bool ip_is_loopback(const struct ip *ip);
bool ip_is_unspecified(const struct ip *ip); /* 0.0.0.0 or :: */

struct sockaddr_storage;
/* To and from a socket address.  ip_from_sockaddr() is false for another family; `port` may be
 * NULL.  ip_to_sockaddr() returns the length of the address. */
bool ip_from_sockaddr(
    const struct sockaddr_storage *address, struct ip *out, uint16_t *port);
unsigned ip_to_sockaddr(const struct ip *ip, uint16_t port, struct sockaddr_storage *out);

#endif
