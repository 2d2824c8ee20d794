/* sessionhosts - the domains that a session had recipients of, where its server has a limit for them
 * (RCPTDOMAINMAX, RFC 9422). */
#ifndef CLIENT_SESSIONHOSTS_H
#define CLIENT_SESSIONHOSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

/* {0} is valid: none. */
struct sessionhosts {
	struct str names; /* each with a LF behind it */
	uint64_t count;
};

/* May there be recipients of this host?  A limit of 0 is none. */
bool sessionhosts_may(const struct sessionhosts *h, struct view host, uint64_t limit);

/* There were.  Without a limit nobody counts. */
void sessionhosts_note(struct sessionhosts *h, struct view host, uint64_t limit);

void sessionhosts_free(struct sessionhosts *h);

#endif
