/* netstring - octets with their number before them: "5:hello," (https://cr.yp.to/proto/netstrings.txt),
 * of which QMTP and QMQP are made. */
#ifndef LIB_NETSTRING_H
#define LIB_NETSTRING_H

#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

/* Append one. */
void netstring_append(struct str *out, struct view octets);

/* The number of one that comes, octet by octet.  {0} at its start.  Zeros in front and no digit at all
 * are taken, as by qmail; but a number has an end. */
struct netstring_length {
	uint64_t value;
	unsigned digits;
};

enum netstring_status {
	NETSTRING_MORE,
	NETSTRING_BEGINS, /* that was the colon: `value` octets follow, and a comma */
	NETSTRING_MALFORMED,
	NETSTRING_TOO_LONG, /* more than `max` */
};

enum netstring_status netstring_length_add(
    struct netstring_length *l, char c, uint64_t max);

#endif
