#define _GNU_SOURCE
#include "os/restrictfilter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "os/restrictcalls.h"

#ifdef RESTRICTCALLS_ARCH

/* What a filter sees of a call.  The low half of an argument comes first on the little-endian
 * machines that restrictcalls knows, and the kernel looks at no more of these. */
enum {
	AT_NUMBER = 0,
	AT_ARCH = 4,
	AT_ARGUMENTS = 16,
	ARGUMENT_SIZE = 8,
};

enum {
	NEW_NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
	    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET,
	OPENS_TO_WRITE = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC,
	SHIFT_TO_WORD = 5,
};

/* The program is written from its end, so that all that an instruction can jump to is there; what
 * each function returns is where its part begins. */
struct builder {
	struct restrictfilter *out;
	unsigned may;
	size_t allow, refuse, missing; /* the answers */
};

static size_t
put(struct builder *b, uint16_t code, uint32_t k, size_t if_true, size_t if_false)
{
	size_t at = --b->out->start;

	b->out->code[at] = (struct sock_filter) { code, (uint8_t)(if_true - at - 1),
		(uint8_t)(if_false - at - 1), k };
	return at;
}

/* Goes on with what was put before. */
static size_t
put_plain(struct builder *b, uint16_t code, uint32_t k)
{
	size_t at = --b->out->start;

	b->out->code[at] = (struct sock_filter) { code, 0, 0, k };
	return at;
}

static size_t
put_return(struct builder *b, uint32_t what)
{
	return put_plain(b, BPF_RET | BPF_K, what);
}

static size_t
put_load(struct builder *b, uint32_t offset)
{
	return put_plain(b, BPF_LD | BPF_W | BPF_ABS, offset);
}

static size_t
put_load_argument(struct builder *b, uint32_t which)
{
	return put_load(b, AT_ARGUMENTS + which * ARGUMENT_SIZE);
}

static size_t
put_equal(struct builder *b, uint32_t value, size_t if_true, size_t if_false)
{
	return put(b, BPF_JMP | BPF_JEQ | BPF_K, value, if_true, if_false);
}

static size_t
put_bits(struct builder *b, uint32_t bits, size_t if_any, size_t if_none)
{
	return put(b, BPF_JMP | BPF_JSET | BPF_K, bits, if_any, if_none);
}

/* Refuse when argument `which` has any of `bits`. */
static size_t
put_argument_without(struct builder *b, uint32_t which, uint32_t bits)
{
	put_bits(b, bits, b->refuse, b->allow);
	return put_load_argument(b, which);
}

static size_t
put_family(struct builder *b)
{
	size_t next = b->refuse;

	if (b->may & RESTRICT_ROUTES) {
		put_equal(b, NETLINK_ROUTE, b->allow, next);
		next = put_equal(b, AF_NETLINK, put_load_argument(b, 2), next);
	}
	if (b->may & RESTRICT_INET) {
		next = put_equal(b, AF_INET6, b->allow, next);
		next = put_equal(b, AF_INET, b->allow, next);
	}
	if (b->may & RESTRICT_UNIX)
		next = put_equal(b, AF_UNIX, b->allow, next);
	return put_load_argument(b, 0);
}

static size_t
put_child(struct builder *b)
{
	size_t good = b->allow;
	uint32_t bad = NEW_NAMESPACES;

	if (!(b->may & RESTRICT_THREADS))
		bad |= CLONE_THREAD;
	else if (!(b->may & RESTRICT_FORK))
		good = put_bits(b, CLONE_THREAD, good, b->refuse);
	put_bits(b, bad, b->refuse, good);
	return put_load_argument(b, 0);
}

/* The calls whose arguments decide, and where the search for them begins.  Numbers that are in the
 * bitmap do not get here. */
static size_t
put_examined(struct builder *b)
{
	size_t next =
	    put(b, BPF_JMP | BPF_JGE | BPF_K, RESTRICTCALLS_NEW, b->missing, b->refuse);
	size_t part = put_argument_without(b, 2, PROT_EXEC);

	next = put_equal(b, SYS_mprotect, part, next);
	next = put_equal(b, SYS_mmap, part, next);
	if (b->may & (RESTRICT_UNIX | RESTRICT_INET | RESTRICT_ROUTES))
		part = put_family(b), next = put_equal(b, SYS_socket, part, next);
	if (b->may & (RESTRICT_FORK | RESTRICT_THREADS))
		part = put_child(b), next = put_equal(b, SYS_clone, part, next);
	if (b->may & RESTRICT_READ) {
		part = put_argument_without(b, 2, OPENS_TO_WRITE);
		next = put_equal(b, SYS_openat, part, next);
#ifdef SYS_open
		part = put_argument_without(b, 1, OPENS_TO_WRITE);
		next = put_equal(b, SYS_open, part, next);
#endif
	}
	return next;
}

/* X is the bit and A the word of the number: pick the word, shift it, look at its last bit. */
static size_t
put_bitmap(struct builder *b, size_t otherwise)
{
	uint32_t words[RESTRICTCALLS_WORDS], i;
	size_t next = otherwise, shift;

	restrictcalls_fill(words, b->may);
	put_bits(b, 1, b->allow, otherwise);
	shift = put_plain(b, BPF_ALU | BPF_RSH | BPF_X, 0);
	for (i = RESTRICTCALLS_WORDS; i-- > 0;) {
		if (words[i] == 0)
			continue;
		put_plain(b, BPF_JMP | BPF_JA, (uint32_t)(shift - b->out->start));
		next = put_equal(b, i, put_plain(b, BPF_LD | BPF_IMM, words[i]), next);
	}
	return next;
}

bool
restrictfilter_make(struct restrictfilter *out, unsigned may)
{
	struct builder b = { .out = out, .may = may };

	out->start = RESTRICTFILTER_MAX;
	b.missing = put_return(&b, SECCOMP_RET_ERRNO | ENOSYS);
	b.refuse = put_return(&b, SECCOMP_RET_ERRNO | EPERM);
	b.allow = put_return(&b, SECCOMP_RET_ALLOW);
	put_examined(&b);
	put_bitmap(&b, put_load(&b, AT_NUMBER));
	put_plain(&b, BPF_ALU | BPF_RSH | BPF_K, SHIFT_TO_WORD);
	put_load(&b, AT_NUMBER);
	put_plain(&b, BPF_MISC | BPF_TAX, 0);
	put_plain(&b, BPF_ALU | BPF_AND | BPF_K, RESTRICTCALLS_WORD - 1);
	put_equal(&b, RESTRICTCALLS_ARCH, put_load(&b, AT_NUMBER), b.refuse);
	put_load(&b, AT_ARCH);
	return true;
}

#else

bool
restrictfilter_make(struct restrictfilter *out, unsigned may)
{
	(void)out, (void)may;
	return false;
}

#endif
