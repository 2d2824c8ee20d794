/* keptcap - how many connections a destination bears at a time, learnt from its refusals: one less than
 * there were at the last of them, and again one more for each minute since (outbound 5.5, row 13).  Pure. */
#ifndef SPAWN_KEPTCAP_H
#define SPAWN_KEPTCAP_H

#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

enum {
	KEPTCAP_GROW_MS = 60000, /* until there may be one more */
	KEPTCAP_MAX =
	    200, /* destinations; beyond, the one that refused first is forgotten */
};

/* {0} is valid: nobody has refused. */
struct keptcap {
	struct keptcap_entry {
		struct str destination;
		uint64_t bears; /* at since_ms */
		int64_t since_ms;
	} * entries;
	size_t count;
};

/* The destination said that there are too many; we have `connections`, that one included. */
void keptcap_refused(
    struct keptcap *c, struct view destination, uint64_t connections, int64_t now_ms);

/* How many there may be, where the control file says `usual` (0: as many as come). */
uint64_t keptcap_limit(
    struct keptcap *c, struct view destination, uint64_t usual, int64_t now_ms);

void keptcap_free(struct keptcap *c);

#endif
