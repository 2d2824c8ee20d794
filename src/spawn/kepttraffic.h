/* kepttraffic - is there more mail for a destination than one message now and then?  Only then is a
 * connection worth keeping (outbound 5.6). */
#ifndef SPAWN_KEPTTRAFFIC_H
#define SPAWN_KEPTTRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

enum { KEPTTRAFFIC_MS = 10000 }; /* how long a command counts */

/* {0} is valid: there was none. */
struct kepttraffic {
	struct kepttraffic_entry {
		struct str destination;
		int64_t last_ms, before_ms; /* the last two commands */
	} * entries;
	size_t count, size;
};

/* A command for the destination came. */
void kepttraffic_note(
    struct kepttraffic *t, struct view destination, int64_t arrived_ms, int64_t now_ms);

/* Did another command than that of `arrived_ms` come lately? */
bool kepttraffic_is_busy(const struct kepttraffic *t, struct view destination,
    int64_t arrived_ms, int64_t now_ms);

void kepttraffic_free(struct kepttraffic *t);

#endif
