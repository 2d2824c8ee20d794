/* deadline - a moment until which something may take, on a clock that never steps. */
#ifndef LIB_DEADLINE_H
#define LIB_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

struct deadline {
	int64_t at_ms; /* os_monotonic_ms(); negative is never */
};

struct deadline deadline_in_ms(int64_t ms); /* from now; saturates */
struct deadline deadline_in(int64_t seconds);
struct deadline deadline_never(void);
struct deadline deadline_sooner(struct deadline a, struct deadline b);

bool deadline_passed(struct deadline d);

/* Milliseconds left for poll(2): 0 when passed, -1 when never, at most INT_MAX. */
int deadline_left_ms(struct deadline d);

#endif
