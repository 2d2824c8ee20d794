/* restrictfilter - the calls of a plan as a program for seccomp.
 *
 * It is a binary search over the runs of call numbers that share an answer, made of comparisons
 * only: so the kernel (5.11 and later) finds out at the start which calls are always allowed, and
 * does not run the program for those. */
#ifndef OS_RESTRICTFILTER_H
#define OS_RESTRICTFILTER_H

#include <linux/filter.h>
#include <stddef.h>
#include <sys/types.h>

#include "os/restrict.h"

enum { RESTRICTFILTER_MAX = 256 }; /* a jump reaches 255 instructions */

/* The program is code[start] to the end. */
struct restrictfilter {
	size_t start;
	struct sock_filter code[RESTRICTFILTER_MAX];
};

/* The filter for promises `may` (RESTRICT_), in process `self`.  False: none is known for this
 * architecture. */
bool restrictfilter_make(struct restrictfilter *out, unsigned may, pid_t self);

#endif
