/* cdbwriter - a new cdb file, which replaces the old one by rename only: readers see the whole of
 * the one or the whole of the other. */
#ifndef CONFIG_CDBWRITER_H
#define CONFIG_CDBWRITER_H

#include "lib/view.h"

struct cdbwriter; /* opaque: holds a descriptor */

/* Begin `temporary`, mode 0644 less the umask; what is there is overwritten.  NULL with errno. */
struct cdbwriter *cdbwriter_open(const char *temporary);

/* Add a record; of several with one key, the first is found.  0, or -1 with errno. */
int cdbwriter_add(struct cdbwriter *w, struct view key, struct view data);

/* Bring the file to the disk, rename it to `path` in the same directory, and bring that to the
 * disk (queue 1.5).  0, or -1 with errno; frees `w` in any case. */
int cdbwriter_commit(struct cdbwriter *w, const char *path);

/* Give up: close and free; the old file stays, the temporary one is removed. */
void cdbwriter_abandon(struct cdbwriter *w);

#endif
