/* restrictfilter - the calls of a plan as a program for seccomp.
 *
 * A bitmap of the numbers, a word in an instruction: a program of one comparison for each call
 * takes the kernel twice as long to accept and to compile as a session's filter may cost. */
#ifndef OS_RESTRICTFILTER_H
#define OS_RESTRICTFILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#include "os/restrict.h"

enum { RESTRICTFILTER_MAX = 256 }; /* a jump reaches 255 instructions */

/* The program is code[start] to the end. */
struct restrictfilter {
	size_t start;
	struct sock_filter code[RESTRICTFILTER_MAX];
};

/* The filter for promises `may` (RESTRICT_).  False: none is known for this architecture. */
bool restrictfilter_make(struct restrictfilter *out, unsigned may);

#endif
