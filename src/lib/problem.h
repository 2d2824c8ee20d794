/* problem - what is wrong with a file, and where: filled in by library code, which never prints,
 * and told to the admin by the program that has a log (log_problem()). */
#ifndef LIB_PROBLEM_H
#define LIB_PROBLEM_H

#include <stddef.h>

#include "lib/origin.h"

struct problem {
	char where
	    [ORIGIN_MAX]; /* "control/limits:3"; without ":3" when it is about the whole file */
	const char *what; /* a literal: "unreadable", "not a number" */
	int error;        /* errno, or 0 */
};

/* `line` counts from 1; 0 is the whole file.  `p` may be NULL: then nothing is noted. */
void problem_note(
    struct problem *p, const char *file, size_t line, const char *what, int error);

#endif
