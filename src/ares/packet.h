/* packet - DNS packets (RFC 1035 4.1, 6891): the question, and a bounded parse of the answer.
 * Nothing in an answer is trusted: compression pointers go backwards only, at most PACKET_RECORDS
 * records are looked at and DNS_RECORDS_MAX kept. */
#ifndef ARES_PACKET_H
#define ARES_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/str.h"
#include "lib/view.h"
#include "wire/dnsquery.h"

enum {
	PACKET_UDP_MAX = 1232, /* what we offer by EDNS0: no fragments (outbound 2.3) */
	PACKET_RECORDS = 2000,
	PACKET_ALIASES = 16, /* CNAMEs followed inside one answer */
};

/* The question for a name that name_to_ascii() made: recursion and AD wanted, with EDNS0 or not.
 * `out` is replaced.  False if the name cannot be asked. */
bool packet_question(
    const char *name, enum dns_type type, uint16_t id, bool edns, struct str *out);

/* What the answer to the question `asked` says.  Views are in `mem`.  `authentic` is the packet's AD
 * bit: whether the resolver may be believed is the caller's. */
struct dns_answer packet_answer(
    struct view packet, struct view asked, enum dns_type type, struct arena *mem);

#endif
