/* mbox - one message appended to an mbox file (queue 4.11). */
#ifndef LOCAL_MBOX_H
#define LOCAL_MBOX_H

#include "local/localenv.h"
#include "local/outcome.h"

enum { MBOX_LOCK_SECONDS = 30 };

enum mbox_lock { MBOX_LOCKED, MBOX_NO_LOCKS, MBOX_LOCK_TIMEOUT };

/* Lock the file (flock), and wait for that so long at most; until the descriptor is closed.
 * MBOX_NO_LOCKS: the file system has none. */
enum mbox_lock mbox_lock(int fd, unsigned seconds);

/* Append the message on `fd`, from its first octet, behind From, Return-Path and Delivered-To.
 * The file is locked (flock) for the time; where that does not work, it goes on unlocked.  What
 * could not be written to the end is cut off again, if locked.  On OUTCOME_DONE the file is on
 * disk, and its name too if it is new. */
void mbox_deliver(const char *path, int fd, const struct delivery_lines *lines,
    unsigned lock_seconds, struct outcome *o);

#endif
