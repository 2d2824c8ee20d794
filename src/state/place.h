/* place - the directory state/db below the home: who may open or replace the store there, and what
 * becomes of a damaged one.  Programs on demand and a resident one use it side by side.
 *
 * A store is two files, data.mdb and lock.mdb, that belong together.  They are opened under a shared
 * lock of the directory and set aside under an exclusive one, so nobody ever opens one of the old
 * and one of the new. */
#ifndef STATE_PLACE_H
#define STATE_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#define PLACE_DIRECTORY "state/db"
#define PLACE_DATA      PLACE_DIRECTORY "/data.mdb"
#define PLACE_LOCK      PLACE_DIRECTORY "/lock.mdb"
#define PLACE_MARK      PLACE_DIRECTORY "/damaged"
#define PLACE_ASIDE     PLACE_DIRECTORY "/damaged.mdb"

/* Lock the directory; the descriptor to close, or -1 with errno. */
int place_lock(bool exclusive);

/* The data file's identity, for place_is_same(); {0} if there is none. */
struct stat place_identity(void);
bool place_is_same(const struct stat *identity);
/* Octets of the data file. */
size_t place_size(void);

/* Has somebody found it damaged?  Then it must be set aside before it is opened. */
bool place_is_marked(void);
void place_mark(void);

/* Rename the data to damaged.mdb (one is kept) and forget the rest, so that a new store can be
 * begun; the directory must be locked exclusively.  0, or -1 with errno. */
int place_set_aside(void);

/* A process that crashes from now on marks the store before it ends: what is mapped from a broken
 * file cannot be checked before it is used.  The next one begins anew. */
void place_mark_on_crash(void);

#endif
