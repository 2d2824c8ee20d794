#define _GNU_SOURCE
#include "os/softlimits.h"

#include <stddef.h>

static const int raised[SOFTLIMITS] = { RLIMIT_AS, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_CPU,
	RLIMIT_NOFILE };

void
softlimits_raise(struct softlimits *saved)
{
	struct rlimit limit;
	size_t i;

	for (i = 0; i < SOFTLIMITS; i++) {
		if (saved)
			saved->before[i] = RLIM_INFINITY;
		if (getrlimit(raised[i], &limit) < 0)
			continue;
		if (saved)
			saved->before[i] = limit.rlim_cur;
		limit.rlim_cur = limit.rlim_max;
		setrlimit(raised[i], &limit);
	}
}

void
softlimits_restore(const struct softlimits *saved)
{
	struct rlimit limit;
	size_t i;

	for (i = 0; i < SOFTLIMITS; i++) {
		if (getrlimit(raised[i], &limit) < 0 || saved->before[i] > limit.rlim_max)
			continue;
		limit.rlim_cur = saved->before[i];
		setrlimit(raised[i], &limit);
	}
}
