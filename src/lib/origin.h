/* origin - the place of a setting, as it is told to the admin: "control/smtproutes:3", or
 * "control/smtproutes" when the whole file is meant, or "" for what no file says. */
#ifndef LIB_ORIGIN_H
#define LIB_ORIGIN_H

#include <stddef.h>

enum { ORIGIN_MAX = 160 };

struct origin {
	char text[ORIGIN_MAX];
};

/* `line` counts from 1; 0 is the whole file.  A path that is too long is cut. */
void origin_note(struct origin *origin, const char *file, size_t line);

#endif
