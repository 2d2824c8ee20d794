/* numbers - every message has the inode of its mess/N as its number, in all directories (queue 1.2).
 *
 * A message changes its number so that it is whole under the old one or under the new one at any time: first
 * its files get second names, then todo/N or else info/N is renamed, then the old names go. */
#ifndef REPAIR_NUMBERS_H
#define REPAIR_NUMBERS_H

#include "repair/repair.h"

void numbers_mend(struct repair *r);

/* Give message `from` the number `to`, which no other has.  0, or -1 with errno; EEXIST: both are
 * queued. */
int numbers_change(struct repair *r, uint64_t from, uint64_t to);

#endif
