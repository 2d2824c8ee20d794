/* route - the grammar of a line of control/smtproutes, qmtproutes and authsenders (outbound 3.2): the
 * union of what qmail's patches have written there over the years.  Pure: nothing is read. */
#ifndef ROUTE_ROUTE_H
#define ROUTE_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/ip.h"
#include "lib/view.h"

/* What is spoken with the relay. */
enum route_protocol { ROUTE_SMTP, ROUTE_QMTP };

enum {
	ROUTE_PORT = 25,
	ROUTE_PORT_TLS = 465,
	ROUTE_PORT_QMTP = 209,
	ROUTE_PORT_QMTPS = 6209,
};

/* What stands behind the key.  All views point into the line. */
struct route_value {
	struct view relay; /* without brackets; empty: use the MX */
	bool is_ip;
	struct ip ip; /* only if is_ip */
	enum route_protocol protocol;
	bool has_port;     /* it is written */
	uint16_t port;     /* as written, else the protocol's usual one */
	bool implicit_tls; /* port 465 (QMTP: 6209), or "s" before the port */
	bool allow_clear;  /* "-" before the user: credentials may go without TLS */
	bool has_penalty, has_tolerance;
	uint32_t penalty, tolerance; /* seconds, for tcpto */
	struct view user, pass;      /* both or none */
	const char
	    *flaw; /* what the admin may not have meant, a literal for a check; or NULL */
	struct view
	    name; /* of a directory in control/routes, and then nothing else counts */
};

/* Split a line of smtproutes into key and value; false for one without ':', which qmail passes
 * over.  Colons inside [ ] do not count. */
bool route_cut(struct view line, struct view *key, struct view *value);

/* The same for authsenders, where "key|user|pass" has no colon; the value then begins with the
 * '|'. */
bool route_cut_authsender(struct view line, struct view *key, struct view *value);

/* A value that says nothing yet: the protocol and its usual port. */
struct route_value route_usual(enum route_protocol protocol);

/* Parse what may follow the ':' behind a relay, ["s"] [port] [":" penalty [":" tolerance]], into *r,
 * which comes from route_usual().  False: *r is no more to be used. */
bool route_parse_port(struct view text, struct route_value *r);

/* Parse a value, of a file whose relays speak `protocol`.  False, *out untouched: the line is invalid,
 * and destinations that select it must wait (Z) until it is mended. */
bool route_parse(
    struct view value, enum route_protocol protocol, struct route_value *out);

#endif
