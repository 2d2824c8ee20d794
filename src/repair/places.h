/* places - the directories of a queue, and what is in lock/: there, and with their owners and modes. */
#ifndef REPAIR_PLACES_H
#define REPAIR_PLACES_H

#include <sys/stat.h>

#include "repair/repair.h"

/* lock/ alone, which the lock of the queue needs. */
void places_make_lock(struct repair *r);

/* All of them.  r->layout says which subdirectories there are. */
void places_mend(struct repair *r);

/* Owner and mode of what is open on `fd`, as far as they are wrong; -1 with errno. */
int places_give(struct repair *r, int fd, enum repair_owner owner, mode_t mode);

/* Whether they are. */
bool places_differ(const struct repair *r, const struct stat *st, enum repair_owner owner,
    mode_t mode, bool group);

#endif
