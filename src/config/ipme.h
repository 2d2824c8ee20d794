/* ipme - which IP addresses are this host (outbound 2.4): 0.0.0.0, ::, the addresses of all
 * interfaces that are up, and those of control/moreipme, without those of control/notipme (one
 * address a line; for hosts behind NAT).  The current directory must be the home. */
#ifndef CONFIG_IPME_H
#define CONFIG_IPME_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/answer.h"
#include "lib/ip.h"
#include "lib/problem.h"

/* {0} is valid and empty. */
struct ipme {
	struct ip *addresses;
	size_t count, size;
};

/* ANSWER_YES; or ANSWER_ERROR, with `problem` and *out untouched, when the interfaces or one of
 * the files cannot be read.  A line that is no address is passed over. */
enum answer ipme_read(struct ipme *out, struct problem *problem);

/* An IPv4-mapped IPv6 address is the IPv4 one. */
bool ipme_has(const struct ipme *ipme, const struct ip *ip);

void ipme_free(struct ipme *ipme);

#endif
