/* restrictcalls - which system calls each promise of a plan needs, with glibc and with musl. */
#ifndef OS_RESTRICTCALLS_H
#define OS_RESTRICTCALLS_H

#include <stdint.h>

enum {
	RESTRICTCALLS_KNOWN = 448, /* this table ends here */
	RESTRICTCALLS_NEW =
	    424, /* from here on libc must cope with a kernel that has it not */
	RESTRICTCALLS_ARCH_NONE = 0,
};

/* How a call is answered: allowed, refused, or by a look at its arguments. */
enum call_answer {
	CALL_REFUSED,
	CALL_ALLOWED,
	CALL_SOCKET, /* the family is one of the plan */
	CALL_OPEN,   /* for reading; flags are the second argument */
	CALL_OPENAT, /* the same, the third */
	CALL_MAP,    /* the third argument has no PROT_EXEC */
	CALL_CLONE,  /* processes or threads, as the plan says, and no namespaces */
	CALL_ANSWERS,
};

/* The answer for each number, with the promises `may` (RESTRICT_). */
void restrictcalls_fill(uint8_t answers[RESTRICTCALLS_KNOWN], unsigned may);

/* What seccomp calls this architecture; RESTRICTCALLS_ARCH_NONE: it has no table here. */
uint32_t restrictcalls_arch(void);

#endif
