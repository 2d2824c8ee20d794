/* restrictcalls - which system calls each promise of a plan needs, with glibc and with musl. */
#ifndef OS_RESTRICTCALLS_H
#define OS_RESTRICTCALLS_H

#include <stdint.h>

/* The architectures that have a table here. */
#if defined(__x86_64__)
#define RESTRICTCALLS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define RESTRICTCALLS_ARCH AUDIT_ARCH_AARCH64
#endif

enum {
	RESTRICTCALLS_WORD = 32, /* calls in a word of the bitmap */
	RESTRICTCALLS_WORDS = 14,
	RESTRICTCALLS_NEW =
	    424, /* from here on libc must cope with a kernel that has it not */
};

/* The calls that promises `may` (RESTRICT_) allow whatever their arguments. */
void restrictcalls_fill(uint32_t words[RESTRICTCALLS_WORDS], unsigned may);

#endif
