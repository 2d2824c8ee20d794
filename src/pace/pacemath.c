#include "pace/pacemath.h"

enum { WAIT_MAX = 24 * 3600 };

uint32_t
pacemath_recovered(uint32_t parts, uint64_t age)
{
	uint64_t back = age / PACE_INTERVAL * PACE_STEP;

	if (parts < PACE_FLOOR)
		parts = PACE_FLOOR;
	return back >= PACE_FULL || parts + back >= PACE_FULL ? PACE_FULL
							      : (uint32_t)(parts + back);
}

uint32_t
pacemath_recovery(uint32_t parts)
{
	uint32_t missing = parts < PACE_FULL ? PACE_FULL - parts : 0;

	return (missing + PACE_STEP - 1) / PACE_STEP * PACE_INTERVAL;
}

uint32_t
pacemath_halved(uint32_t parts)
{
	return parts / 2 > PACE_FLOOR ? parts / 2 : PACE_FLOOR;
}

uint32_t
pacemath_closure(uint32_t parts, uint32_t pause)
{
	uint64_t seconds = (uint64_t)pause * (PACE_FULL / 2);

	seconds /= parts > PACE_FLOOR ? parts : PACE_FLOOR;
	return seconds < PACE_CLOSED_MAX ? (uint32_t)seconds : PACE_CLOSED_MAX;
}

struct pace_limit
pacemath_limit(struct pace_limit full, uint32_t parts)
{
	uint64_t left = (uint64_t)full.limit * parts;

	if (parts >= PACE_FULL)
		return full;
	if (left >= PACE_FULL)
		return (struct pace_limit) { (uint32_t)(left / PACE_FULL), full.window };
	return (struct pace_limit) { 1,
		(uint32_t)((uint64_t)full.window * PACE_FULL / (left > 0 ? left : 1)) };
}

/* Seconds, rounded up, in which a share of `has` that goes to nothing in `seconds` comes down to
 * `room`. */
static uint64_t
shrink(uint64_t has, uint64_t room, uint64_t seconds)
{
	return has <= room ? 0 : (seconds * (has - room) + has - 1) / has;
}

struct pace_opening
pacemath_opening(struct pace_limit l, uint32_t amount, const struct pace_window_state *w)
{
	uint64_t start = w->first, current = w->count, room = l.limit - amount, left,
		 wait;

	if (w->now >= start + l.window) {
		start =
		    w->now >= start + 2 * (uint64_t)l.window ? w->now : start + l.window;
		current = 0;
	}
	left = w->now > start ? start + l.window - w->now : l.window;
	if (current <= room) {
		wait = shrink(w->in_window > current ? w->in_window - current : 0,
		    room - current, left);
	} else {
		wait = left + shrink(current, room, l.window);
		start += l.window;
	}
	if (wait < 1)
		wait = 1;
	return (
	    struct pace_opening) { wait < WAIT_MAX ? (uint32_t)wait : WAIT_MAX, start };
}

uint32_t
pacemath_wait_in_line(
    struct pace_limit l, struct pace_opening opening, uint64_t place, uint64_t now)
{
	uint64_t gone = 0, all;

	if (now > opening.begins)
		gone = (now - opening.begins) * l.limit / l.window;
	place = place > gone ? place - gone : 0;
	all = opening.wait + place * l.window / l.limit;
	return all < WAIT_MAX ? (uint32_t)all : WAIT_MAX;
}
