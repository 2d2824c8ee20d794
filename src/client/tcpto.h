/* tcpto - addresses that timed out lately and are not worth a try, in queue/lock/tcpto (outbound
 * 2.6).  qmail-tcpto prints that file and qmail-tcpok zeroes it, so its layout is fixed:
 *
 *   64 records of 16 octets: 0..3 the IPv4 address, 4 the count (0..10), 8..11 the time of the
 *   last timeout (seconds since 1970, little endian), the others 0.
 *
 * IPv6 has a file of its own, queue/lock/tcpto6, if the installer created it:
 *
 *   64 records of 32 octets: 0..15 the address, 16 the count, 20..23 the time, the others 0.
 *
 * A file that is missing or cannot be opened for writing is an empty one that forgets.  The
 * current directory must be the home. */
#ifndef CLIENT_TCPTO_H
#define CLIENT_TCPTO_H

#include <stdbool.h>
#include <stdint.h>

#include "config/tcptofile.h"
#include "lib/ip.h"

enum { TCPTO_COUNT_MAX = 10, TCPTO_TOLERANCE = 120 };

/* How long an address is blocked, and how soon after a timeout another one counts. */
struct tcpto_rules {
	uint32_t penalty;   /* seconds; 0 switches the table off */
	uint32_t tolerance; /* seconds */
};

/* qmail's: 64 to 97 minutes, by `random`; and TCPTO_TOLERANCE. */
struct tcpto_rules tcpto_usual_rules(uint32_t random);

struct tcpto_lookup {
	bool known;   /* the table has the address */
	bool blocked; /* skip it now */
};

struct tcpto_lookup tcpto_look_up(
    const struct ip *ip, const struct tcpto_rules *rules, int64_t now);

/* A connect to `ip` timed out (ETIMEDOUT; being refused is an answer and does not count). */
void tcpto_timed_out(const struct ip *ip, const struct tcpto_rules *rules, int64_t now);

/* A connect succeeded to an address that tcpto_look_up() knew. */
void tcpto_connected(const struct ip *ip);

/* For people: the addresses in the table of an IP version, at most TCPTO_RECORDS. */
struct tcpto_entry {
	struct ip ip;
	unsigned count; /* of recent timeouts; at least 1 */
	int64_t when;   /* the last of them: seconds since 1970 */
};

/* Fill `out`, *count of them.  NULL, or what could not be done, with errno; ENOENT: there is no table,
 * ELOOP: a symbolic link, which is not followed. */
const char *tcpto_list(
    unsigned version, struct tcpto_entry out[TCPTO_RECORDS], size_t *count);

#endif
