/* clearmemory - addresses whose STARTTLS failed in the last hour, so that the next mail for them does
 * not fail at it again first (outbound 4.3).  Only where TLS need not be; an address is forgotten
 * after an hour, and then TLS has its chance again.
 *
 * Who lives longer than a delivery has a struct of these; all others have the store of qmail-state,
 * where there is one. */
#ifndef CLIENT_CLEARMEMORY_H
#define CLIENT_CLEARMEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/deadline.h"
#include "lib/ip.h"

enum { CLEARMEMORY_ADDRESSES = 16, CLEARMEMORY_SECONDS = 3600 };

/* {0} is valid and empty. */
struct clearmemory {
	struct clearmemory_address {
		struct ip ip;
		uint16_t port;
		int64_t until_ms; /* os_monotonic_ms() */
	} kept[CLEARMEMORY_ADDRESSES];
	size_t next;
};

/* `memory` may be NULL.  What cannot be found out is no. */
bool clearmemory_has(const struct clearmemory *memory, const struct ip *ip, uint16_t port,
    struct deadline deadline);
void clearmemory_note(struct clearmemory *memory, const struct ip *ip, uint16_t port,
    struct deadline deadline);

#endif
