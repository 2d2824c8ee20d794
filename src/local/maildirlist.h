/* maildirlist - the messages that are in a Maildir, the oldest first. */
#ifndef LOCAL_MAILDIRLIST_H
#define LOCAL_MAILDIRLIST_H

#include <stddef.h>
#include <stdint.h>

#include "lib/problem.h"

struct maildirlist_entry {
	char *path;   /* "new/NAME" or "cur/NAME", relative to the Maildir */
	int64_t time; /* since when it is there: mtime */
};

/* {0} is empty. */
struct maildirlist {
	struct maildirlist_entry *entries;
	size_t count, size;
};

/* Add what is in new/ and cur/ of `dir` (a descriptor) since before `now`: what came in this second
 * is left for the next time, because others of this second, older ones, may still come.  0, or -1
 * with `problem`. */
int maildirlist_read(
    struct maildirlist *list, int dir, int64_t now, struct problem *problem);
void maildirlist_free(struct maildirlist *list);

/* Remove what has been in tmp/ for 36 hours: whoever wrote it is gone. */
void maildirlist_clean(int dir, int64_t now);

#endif
