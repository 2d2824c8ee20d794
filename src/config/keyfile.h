/* keyfile - a control file compiled into a cdb file: the keys are the beginnings of its lines, the data is
 * empty (inbound 6.1). */
#ifndef CONFIG_KEYFILE_H
#define CONFIG_KEYFILE_H

#include <stddef.h>

#include "lib/problem.h"

struct keyfile {
	const char
	    *source; /* "control/badmimetypes"; lines and comments as in control_list() */
	const char *temporary; /* in the same directory as the target */
	const char *target;    /* is replaced as a whole */
	size_t octets;         /* of a key */
};

/* Compile it.  `short_line` is told of each line that is too short to be a key, and left out.  0; or -1
 * with `problem`: the file, and what could not be done with it. */
int keyfile_compile(const struct keyfile *file,
    void (*short_line)(const struct keyfile *file, size_t line), struct problem *problem);

#endif
