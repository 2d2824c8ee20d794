/* remains - files of a message whose mess/N is gone.  It is removed last, so everybody was served; but where
 * the file system does not keep the order of names, a power loss can bring the others back (queue 1.3 and
 * 1.5).  Nothing can be delivered for them: they are moved aside, with an alert. */
#ifndef SEND_REMAINS_H
#define SEND_REMAINS_H

#include <stdbool.h>
#include <stdint.h>

#include "send/manager.h"

/* Give DIR/N, if it is there, a name with a dot: so it is out of every scan, and still there for the
 * admin. */
void remains_move(const struct manager *m, enum layout_dir dir, uint64_t id);

/* If message `id` has no mess/N, move its info/N, local/N, remote/N and bounce/N aside: true. */
bool remains_found(const struct manager *m, uint64_t id);

#endif
