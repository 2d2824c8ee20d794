/* pool - the resident service: a parent that builds contexts and forks, and children that wait in
 * accept(2), each for a few sessions one after another (DESIGN 7). */
#ifndef TLS_POOL_H
#define TLS_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "lib/log.h"
#include "tls/session.h"

struct pool {
	const char *name;  /* run/NAME/sock */
	uint64_t sessions; /* that a child serves before it ends */
	size_t children;   /* at most; 1 or more */
	const struct log *log;
	struct service *service;
};

/* Listen and serve until SIGTERM: then nobody is accepted any more, idle children end, busy ones
 * finish what they have.  0, or -1 with errno when it cannot listen. */
int pool_run(const struct pool *pool);

#endif
