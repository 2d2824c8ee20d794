/* alive - is a message being written?  Our qmail-queue holds a lock (flock) on its file from before that is called
 * mess/N until it ends.  Its age says nothing then: the clock may have been set ahead.  Once it has ended, nobody
 * makes a todo/N for this file any more. */
#ifndef QUEUE_ALIVE_H
#define QUEUE_ALIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "queue/layout.h"

/* Take the lock of a message file that was just created.  Where there are no locks it is judged by its age
 * alone. */
void alive_begin(int mess_fd);

/* Also true when that cannot be found out. */
bool alive_is(const struct layout *layout, uint64_t n);

#endif
