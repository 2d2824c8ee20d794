#define _GNU_SOURCE
#include "os/restrictfilter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "os/restrictcalls.h"

/* What a filter sees of a call; the low half of an argument comes first on the little-endian
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
};

struct run {
	uint32_t first;
	uint8_t answer;
};

struct builder {
	struct restrictfilter *out;
	unsigned may;
	pid_t self;
	size_t entry[CALL_ANSWERS]; /* where the code for each answer begins */
	struct run runs[RESTRICTCALLS_KNOWN];
};

/* The program is written from its end, so that all that an instruction can jump to is there. */
static size_t
put(struct builder *b, uint16_t code, uint32_t k, size_t if_true, size_t if_false)
{
	size_t at = --b->out->start;

	b->out->code[at] = (struct sock_filter) { code, (uint8_t)(if_true - at - 1),
		(uint8_t)(if_false - at - 1), k };
	return at;
}

static size_t
put_return(struct builder *b, uint32_t what)
{
	size_t at = --b->out->start;

	b->out->code[at] = (struct sock_filter) { BPF_RET | BPF_K, 0, 0, what };
	return at;
}

/* Falls through to what was put before. */
static size_t
put_load(struct builder *b, uint32_t offset)
{
	size_t at = --b->out->start;

	b->out->code[at] =
	    (struct sock_filter) { BPF_LD | BPF_W | BPF_ABS, 0, 0, offset };
	return at;
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

static void
put_socket(struct builder *b)
{
	size_t yes = b->entry[CALL_ALLOWED], next = b->entry[CALL_REFUSED];

	if (b->may & RESTRICT_ROUTES)
		next = put_equal(b, AF_NETLINK, yes, next);
	if (b->may & (RESTRICT_INET | RESTRICT_ROUTES)) {
		next = put_equal(b, AF_INET6, yes, next);
		next = put_equal(b, AF_INET, yes, next);
	}
	if (b->may & RESTRICT_UNIX)
		put_equal(b, AF_UNIX, yes, next);
	b->entry[CALL_SOCKET] = put_load_argument(b, 0);
}

static void
put_clone(struct builder *b)
{
	size_t yes = b->entry[CALL_ALLOWED], no = b->entry[CALL_REFUSED];

	if (!(b->may & RESTRICT_FORK))
		yes = put_bits(b, CLONE_THREAD, yes, no);
	put_bits(
	    b, NEW_NAMESPACES | (b->may & RESTRICT_THREADS ? 0 : CLONE_THREAD), no, yes);
	b->entry[CALL_CLONE] = put_load_argument(b, 0);
}

static void
put_examinations(struct builder *b)
{
	size_t yes = b->entry[CALL_ALLOWED], no = b->entry[CALL_REFUSED];

	if (b->may & (RESTRICT_UNIX | RESTRICT_INET | RESTRICT_ROUTES))
		put_socket(b);
	if (b->may & (RESTRICT_FORK | RESTRICT_THREADS))
		put_clone(b);
	if (b->may & RESTRICT_READ) {
		put_bits(b, OPENS_TO_WRITE, no, yes);
		b->entry[CALL_OPEN] = put_load_argument(b, 1);
		put_bits(b, OPENS_TO_WRITE, no, yes);
		b->entry[CALL_OPENAT] = put_load_argument(b, 2);
	}
	put_bits(b, PROT_EXEC, no, yes);
	b->entry[CALL_MAP] = put_load_argument(b, 2);
	put_equal(b, 0, yes, put_equal(b, (uint32_t)b->self, yes, no));
	b->entry[CALL_SELF] = put_load_argument(b, 0);
}

static size_t
make_runs(struct builder *b)
{
	uint8_t answers[RESTRICTCALLS_KNOWN];
	size_t count = 0;
	uint32_t i;

	restrictcalls_fill(answers, b->may);
	for (i = 0; i < RESTRICTCALLS_KNOWN; i++)
		if (count == 0 || answers[i] != b->runs[count - 1].answer)
			b->runs[count++] = (struct run) { i, answers[i] };
	return count;
}

/* Where the search among runs [first, end) begins. */
static size_t
put_search(struct builder *b, size_t first, size_t end)
{
	size_t middle = first + (end - first) / 2, below, above;

	if (end - first == 1)
		return b->entry[b->runs[first].answer];
	above = put_search(b, middle, end);
	below = put_search(b, first, middle);
	return put(b, BPF_JMP | BPF_JGE | BPF_K, b->runs[middle].first, above, below);
}

bool
restrictfilter_make(struct restrictfilter *out, unsigned may, pid_t self)
{
	struct builder b = { .out = out, .may = may, .self = self };
	size_t refused, runs;

	if (restrictcalls_arch() == RESTRICTCALLS_ARCH_NONE)
		return false;
	out->start = RESTRICTFILTER_MAX;
	b.entry[CALL_UNKNOWN] = put_return(&b, SECCOMP_RET_ERRNO | ENOSYS);
	b.entry[CALL_REFUSED] = refused = put_return(&b, SECCOMP_RET_ERRNO | EPERM);
	b.entry[CALL_ALLOWED] = put_return(&b, SECCOMP_RET_ALLOW);
	put_examinations(&b);
	runs = make_runs(&b);
	put(&b, BPF_JMP | BPF_JGE | BPF_K, RESTRICTCALLS_KNOWN, b.entry[CALL_UNKNOWN],
	    put_search(&b, 0, runs));
	put_equal(&b, restrictcalls_arch(), put_load(&b, AT_NUMBER), refused);
	put_load(&b, AT_ARCH);
	return true;
}
