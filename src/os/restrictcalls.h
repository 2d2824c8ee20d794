/* restrictcalls - which system calls each promise of a plan needs, with glibc and with musl. */
#ifndef OS_RESTRICTCALLS_H
#define OS_RESTRICTCALLS_H

#include <stdint.h>

enum {
	RESTRICTCALLS_WORD = 32, /* calls in a word of the bitmap */
	RESTRICTCALLS_WORDS = 14,
	RESTRICTCALLS_NEW =
	    424, /* from here on libc must cope with a kernel that has it not */
	RESTRICTCALLS_ARCH_NONE = 0,
};

/* The calls that promises `may` (RESTRICT_) allow whatever their arguments. */
void restrictcalls_fill(uint32_t words[RESTRICTCALLS_WORDS], unsigned may);

/* What seccomp calls this architecture; RESTRICTCALLS_ARCH_NONE: it has no table here. */
uint32_t restrictcalls_arch(void);

#endif
