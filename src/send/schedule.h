/* schedule - when a message is tried next (outbound 6.3).  Pure. */
#ifndef SEND_SCHEDULE_H
#define SEND_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

enum { SCHEDULE_LOCAL_STEP = 10, SCHEDULE_REMOTE_STEP = 20 };

/* birth + (floor(sqrt(now - birth)) + step)^2: attempts get rarer with age.  A birth in the future
 * counts as now.  Seconds; saturates. */
int64_t schedule_next(int64_t birth, int64_t now, int64_t step);

/* The next time of that curve for a message of which it is not known when it was tried last: at once if it
 * is younger than its first interval.  `random` spreads those that are equally old over an eighth of theirs. */
int64_t schedule_resume(int64_t birth, int64_t now, int64_t step, uint32_t random);

/* The same after a pass in which recipients only wait for a route: the first of these opens at `opens`
 * (0: there are none).  Nothing was tried for them, so they do not wait longer for it, nor are they
 * asked for again before.  `others`: some recipients are due at `next` for reasons of their own. */
int64_t schedule_after(int64_t next, int64_t opens, bool others);

/* What a report says about the time of a route's opening, as far as it is believed: after now, and at
 * most SCHEDULE_WAIT_MAX seconds. */
enum { SCHEDULE_WAIT_MAX = 25 * 3600 };
int64_t schedule_believed(int64_t opens, int64_t now);

/* May a message that is too old wait for a route once more?  For one that is closed for a day. */
bool schedule_may_wait(int64_t birth, int64_t now, uint64_t lifetime);

#endif
