/* keep - the files of cache/sts (wire/sts.h): written, counted, thrown away.  Each is replaced as a
 * whole; a service that is killed leaves the old one. */
#ifndef STS_KEEP_H
#define STS_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/view.h"
#include "wire/sts.h"

int keep_write(const struct sts_kept *kept); /* 0, or -1 with errno */

/* What a walk through the cache is to do with a file, and what it found. */
struct keep_sweep {
	uint64_t now;
	bool full; /* throw away whatever holds no valid policy */
	/* Called for each domain whose valid policy should be looked at again; may be NULL. */
	void (*due)(void *context, struct view domain);
	void *context;
	size_t kept; /* files that stay */
};

/* Remove what is left of writers that were killed, what cannot be read, what says nothing any more,
 * and as `full` says.  0, or -1 with errno when there is no cache. */
int keep_sweep(struct keep_sweep *sweep);

/* Call `each` with everything in the cache, in the order of the directory.  0, or -1 with errno. */
int keep_list(void (*each)(void *context, const struct sts_kept *kept), void *context);

#endif
