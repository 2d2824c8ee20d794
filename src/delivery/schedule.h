/* schedule - when a message is tried next (outbound 6.3).  Pure. */
#ifndef DELIVERY_SCHEDULE_H
#define DELIVERY_SCHEDULE_H

#include <stdint.h>

enum { SCHEDULE_LOCAL_STEP = 10, SCHEDULE_REMOTE_STEP = 20 };

/* birth + (floor(sqrt(now - birth)) + step)^2: attempts get rarer with age.  A birth in the future
 * counts as now.  Seconds; saturates. */
int64_t schedule_next(int64_t birth, int64_t now, int64_t step);

#endif
