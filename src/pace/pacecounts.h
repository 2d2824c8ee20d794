/* pacecounts - what one request to the book counts: the recipients of a delivery in each window of each
 * of its subjects, and its connection. */
#ifndef PACE_PACECOUNTS_H
#define PACE_PACECOUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "pace/pacemath.h"
#include "pace/pacerules.h"
#include "wire/state.h"

struct pace_named_window {
	const char *name;
	uint32_t seconds;
};
extern const struct pace_named_window pacecounts_windows[PACE_WINDOWS];

enum { PACE_COUNTS = PACE_SUBJECTS * (PACE_WINDOWS + 1) };

/* All that one request counts. */
struct pace_counts {
	size_t count;
	struct pace_counted {
		size_t subject, window; /* PACE_WINDOWS: its connections */
		struct pace_limit limit;
		uint32_t full; /* the limit as it is written */
		struct str key;
	} at[PACE_COUNTS];
	struct state_op ops[PACE_COUNTS];
	struct state_result results[PACE_COUNTS];
};

/* What a slow-down leaves of a route's connections, one at least; 0: any number. */
uint32_t pacecounts_connections(const struct pacerule *rule, uint32_t parts);

/* Add the rates, or the connections, of all subjects, the first of them slowed down to `parts`. */
void pacecounts_add_rates(
    const struct pacerules *rules, uint32_t parts, struct pace_counts *c);
void pacecounts_add_connections(
    const struct pacerules *rules, uint32_t parts, struct pace_counts *c);

/* More recipients than a window ever lets through count as many as it does. */
uint32_t pacecounts_amount(const struct pace_counted *one, uint32_t amount);

/* The operation that counts it. */
void pacecounts_op(const struct pace_counted *one, uint32_t amount, uint64_t holder,
    struct state_op *op);

void pacecounts_free(struct pace_counts *c);

#endif
