/* placement - every file is in the subdirectory that its number says, or in none where that is so. */
#ifndef REPAIR_PLACEMENT_H
#define REPAIR_PLACEMENT_H

#include "repair/repair.h"

void placement_mend(struct repair *r);

/* That file's path is wanted for a directory: the file goes into one that is not wanted, from where
 * placement_mend() takes it.  0, or -1 with errno. */
int placement_set_aside(
    const struct repair *r, enum layout_dir dir, const char *path, uint64_t number);

#endif
