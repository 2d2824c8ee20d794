/* keptprogram - is bin/qmail-remote our own?  Only that can be kept: a wrapper, which signs or filters,
 * has to see every message, as has another suite's program (outbound 5.5, row 3). */
#ifndef SPAWN_KEPTPROGRAM_H
#define SPAWN_KEPTPROGRAM_H

#include <stdbool.h>
#include <sys/stat.h>

/* What was looked at last, and what was found; {0} at first. */
struct keptprogram {
	struct stat seen;
	bool ours;
};

/* Asked before each delivery; reads the file when it is another one than last time, or asks the program
 * where we may not read it. */
bool keptprogram_is_ours(struct keptprogram *p, const char *path);

#endif
