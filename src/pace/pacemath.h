/* pacemath - the arithmetic of pacing: what is left of a limit while a route is slowed down, and when a
 * window that is full has room again.  Pure; seconds. */
#ifndef PACE_PACEMATH_H
#define PACE_PACEMATH_H

#include <stdint.h>

enum {
	PACE_FULL = 1024,       /* parts: the whole rate */
	PACE_FLOOR = 32,        /* never less: five halvings */
	PACE_STEP = 128,        /* parts that come back ... */
	PACE_INTERVAL = 60,     /* ... in so many seconds without another slow-down */
	PACE_CLOSED_MAX = 3600, /* that a slow-down closes for */
};

/* The parts that are left, so many seconds after they were set. */
uint32_t pacemath_recovered(uint32_t parts, uint64_t age);
/* How long until all is back. */
uint32_t pacemath_recovery(uint32_t parts);
/* Half of it, and how long the route is closed then: `pause` the first time, and twice as long each
 * time that follows before all is back. */
uint32_t pacemath_halved(uint32_t parts);
uint32_t pacemath_closure(uint32_t parts, uint32_t pause);

/* A limit in a window. */
struct pace_limit {
	uint32_t limit, window;
};

/* What `parts` leave of it: fewer in the same time, or one in a longer time. */
struct pace_limit pacemath_limit(struct pace_limit full, uint32_t parts);

/* What is known of a sliding window (wire/stateop.h): in_window is the estimate; count and first are
 * the record as it was last changed. */
struct pace_window_state {
	uint64_t now, first, count, in_window;
};

/* When there is room again: in how many seconds, at least 1; and when the window begins, or began, in
 * which that is. */
struct pace_opening {
	uint32_t wait;
	uint64_t begins;
};

/* For `amount` more, which is at most the limit. */
struct pace_opening pacemath_opening(
    struct pace_limit l, uint32_t amount, const struct pace_window_state *w);

/* The wait of one in front of whom `place` recipients are in line for the same opening: they leave as
 * fast as the limit lets them, from the beginning of its window on. */
uint32_t pacemath_wait_in_line(
    struct pace_limit l, struct pace_opening opening, uint64_t place, uint64_t now);

#endif
