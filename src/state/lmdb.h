/* lmdb - the embedded engine: LMDB in state/db below the home, shared by all processes of the
 * machine.  A commit is on the disk before it is answered (its last change of the root may be lost by
 * a power failure, which takes the last transactions back, never a part of one: NOMETASYNC).
 *
 * It cannot be reached: STORE_LOST.  It is damaged, or of another format: it is set aside and begun
 * anew, with a line in the log. */
#ifndef STATE_LMDB_H
#define STATE_LMDB_H

#include <stdint.h>

#include "lib/log.h"
#include "state/store.h"

/* Of at most `octets`; what is over is forgotten first, and then what ends next of the space with the
 * most records.  Where so much cannot be mapped it is smaller.  Nothing is opened before the first
 * begin().  `log` must outlive it. */
void lmdb_init(struct store *store, uint64_t octets, const struct log *log);

#endif
