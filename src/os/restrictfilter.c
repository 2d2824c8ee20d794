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

enum { WORD = 32, WORDS = RESTRICTCALLS_KNOWN / WORD };

struct builder {
	struct restrictfilter *out;
	unsigned may;
	size_t entry[CALL_ANSWERS]; /* where the code for each answer begins */
	size_t entry_new;           /* as if the kernel had it not */
	uint8_t answers[RESTRICTCALLS_KNOWN];
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

static void
put_socket(struct builder *b)
{
	size_t yes = b->entry[CALL_ALLOWED], next = b->entry[CALL_REFUSED];

	if (b->may & RESTRICT_INET) {
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

	if (b->may & (RESTRICT_UNIX | RESTRICT_INET))
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
}

/* The calls that are looked at one by one; then those that nothing allows. */
static size_t
put_calls_examined(struct builder *b)
{
	size_t next = put(b, BPF_JMP | BPF_JGE | BPF_K, RESTRICTCALLS_NEW, b->entry_new,
	    b->entry[CALL_REFUSED]);
	uint32_t i;

	for (i = 0; i < RESTRICTCALLS_KNOWN; i++)
		if (b->answers[i] > CALL_ALLOWED)
			next = put_equal(b, i, b->entry[b->answers[i]], next);
	return put_load(b, AT_NUMBER);
}

static uint32_t
word_of(const struct builder *b, uint32_t which)
{
	uint32_t bits = 0, i;

	for (i = 0; i < WORD; i++)
		if (b->answers[which * WORD + i] == CALL_ALLOWED)
			bits |= UINT32_C(1) << i;
	return bits;
}

/* X is the bit and A the word of the number: pick the word, shift it, look at its last bit. */
static void
put_bitmap(struct builder *b, size_t otherwise)
{
	size_t next = otherwise, shift;
	uint32_t i, bits;

	put_bits(b, 1, b->entry[CALL_ALLOWED], otherwise);
	shift = put_plain(b, BPF_ALU | BPF_RSH | BPF_X, 0);
	for (i = WORDS; i-- > 0;) {
		bits = word_of(b, i);
		if (bits == 0)
			continue;
		put_plain(b, BPF_JMP | BPF_JA, (uint32_t)(shift - b->out->start));
		put_plain(b, BPF_LD | BPF_IMM, bits);
		next = put_equal(b, i, b->out->start, next);
	}
}

bool
restrictfilter_make(struct restrictfilter *out, unsigned may)
{
	struct builder b = { .out = out, .may = may };
	size_t refused;

	if (restrictcalls_arch() == RESTRICTCALLS_ARCH_NONE)
		return false;
	restrictcalls_fill(b.answers, may);
	out->start = RESTRICTFILTER_MAX;
	b.entry_new = put_return(&b, SECCOMP_RET_ERRNO | ENOSYS);
	refused = b.entry[CALL_REFUSED] = put_return(&b, SECCOMP_RET_ERRNO | EPERM);
	b.entry[CALL_ALLOWED] = put_return(&b, SECCOMP_RET_ALLOW);
	put_examinations(&b);
	put_bitmap(&b, put_calls_examined(&b));
	put_plain(&b, BPF_ALU | BPF_RSH | BPF_K, 5);
	put_load(&b, AT_NUMBER);
	put_plain(&b, BPF_MISC | BPF_TAX, 0);
	put_plain(&b, BPF_ALU | BPF_AND | BPF_K, WORD - 1);
	put_equal(&b, restrictcalls_arch(), put_load(&b, AT_NUMBER), refused);
	put_load(&b, AT_ARCH);
	return true;
}
