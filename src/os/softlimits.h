/* softlimits - the soft limits of a service (softlimit -m 25000000) are inherited, and too small for
 * what some helpers must allocate. */
#ifndef OS_SOFTLIMITS_H
#define OS_SOFTLIMITS_H

#include <sys/resource.h>

enum { SOFTLIMITS = 5 };

/* As they were: RLIM_INFINITY where they could not be read. */
struct softlimits {
	rlim_t before[SOFTLIMITS];
};

/* Raise memory, stack, processor time and descriptors up to the hard limits; never fails.  What
 * they were goes to *saved, which may be NULL. */
void softlimits_raise(struct softlimits *saved);

/* For a child that shall find them as they were. */
void softlimits_restore(const struct softlimits *saved);

#endif
