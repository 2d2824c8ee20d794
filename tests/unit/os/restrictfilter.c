/* restrictfilter: what the program for seccomp answers, by an interpreter of what it may consist of. */
#define _GNU_SOURCE
#include "os/restrictfilter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "os/restrictcalls.h"
#include "unit/unit.h"

enum {
	YES = (int)SECCOMP_RET_ALLOW,
	NO = (int)SECCOMP_RET_ERRNO | EPERM,
	MISSING = (int)SECCOMP_RET_ERRNO | ENOSYS,
	CLONE3 = 435,
	OPENAT2 = 437,
	OF_THE_FUTURE = 2000,
	X32 = 0x40000000,
};

static uint32_t
load(const struct seccomp_data *data, uint32_t at)
{
	uint32_t word;

	assert_true(at % 4 == 0 && at + 4 <= sizeof *data);
	memcpy(&word, (const char *)data + at, sizeof word);
	return word;
}

static bool
holds(uint16_t test, uint32_t a, uint32_t k)
{
	switch (test) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGE:
		return a >= k;
	case BPF_JSET:
		return (a & k) != 0;
	default:
		fail_msg("a comparison that is not known: %x", test);
		return false;
	}
}

/* Jumps go forward only, so it ends. */
static int
run(const struct restrictfilter *f, const struct seccomp_data *data)
{
	uint32_t a = 0, x = 0;
	size_t at;

	for (at = f->start; at < RESTRICTFILTER_MAX; at++) {
		const struct sock_filter *i = &f->code[at];

		if (i->code == (BPF_RET | BPF_K))
			return (int)i->k;
		else if (i->code == (BPF_LD | BPF_W | BPF_ABS))
			a = load(data, i->k);
		else if (i->code == (BPF_LD | BPF_IMM))
			a = i->k;
		else if (i->code == (BPF_MISC | BPF_TAX))
			x = a;
		else if (i->code == (BPF_ALU | BPF_AND | BPF_K))
			a &= i->k;
		else if (i->code == (BPF_ALU | BPF_RSH | BPF_K))
			a >>= i->k;
		else if (i->code == (BPF_ALU | BPF_RSH | BPF_X))
			a >>= x;
		else if (i->code == (BPF_JMP | BPF_JA))
			at += i->k;
		else if (BPF_CLASS(i->code) == BPF_JMP)
			at += holds(BPF_OP(i->code), a, i->k) ? i->jt : i->jf;
		else
			fail_msg("an instruction that is not known: %x", i->code);
	}
	fail_msg("it has no end");
	return 0;
}

static int
answer(unsigned may, int number, uint64_t first, uint64_t second, uint64_t third)
{
	struct restrictfilter filter;
	struct seccomp_data data = {
		.nr = number, .arch = RESTRICTCALLS_ARCH, .args = { first, second, third }
	};

	assert_true(restrictfilter_make(&filter, may));
	return run(&filter, &data);
}

static const struct {
	const char *name;
	unsigned may;
	int number, expected;
	uint64_t first, second, third;
} cases[] = {
	{ "read", 0, SYS_read, YES, 0, 0, 0 },
	{ "exit", 0, SYS_exit_group, YES, 0, 0, 0 },
	{ "memory", 0, SYS_mmap, YES, 0, 0, PROT_READ | PROT_WRITE },
	{ "code", 0, SYS_mmap, NO, 0, 0, PROT_READ | PROT_EXEC },
	{ "memory made code", 0, SYS_mprotect, NO, 0, 0, PROT_EXEC },
	{ "code, promised", RESTRICT_CODE, SYS_mmap, YES, 0, 0, PROT_EXEC },
	{ "open", 0, SYS_openat, NO, 0, 0, O_RDONLY },
	{ "open to read", RESTRICT_READ, SYS_openat, YES, 0, 0, O_RDONLY | O_CLOEXEC },
	{ "open to write", RESTRICT_READ, SYS_openat, NO, 0, 0, O_WRONLY },
	{ "create", RESTRICT_READ, SYS_openat, NO, 0, 0, O_CREAT },
	{ "cut", RESTRICT_READ, SYS_openat, NO, 0, 0, O_TRUNC },
	{ "create, promised", RESTRICT_READ | RESTRICT_WRITE, SYS_openat, YES, 0, 0,
	    O_CREAT | O_WRONLY },
	{ "link", RESTRICT_READ, SYS_linkat, NO, 0, 0, 0 },
	{ "link, promised", RESTRICT_WRITE, SYS_linkat, YES, 0, 0, 0 },
	{ "mode", RESTRICT_WRITE, SYS_fchmod, NO, 0, 0, 0 },
	{ "exec", ~(unsigned)RESTRICT_EXEC, SYS_execve, NO, 0, 0, 0 },
	{ "exec, promised", RESTRICT_EXEC, SYS_execve, YES, 0, 0, 0 },
	{ "socket", RESTRICT_SOCKETS, SYS_socket, NO, AF_UNIX, 0, 0 },
	{ "unix socket", RESTRICT_UNIX, SYS_socket, YES, AF_UNIX, 0, 0 },
	{ "inet among unix", RESTRICT_UNIX, SYS_socket, NO, AF_INET, 0, 0 },
	{ "inet", RESTRICT_INET, SYS_socket, YES, AF_INET, 0, 0 },
	{ "inet6", RESTRICT_INET, SYS_socket, YES, AF_INET6, 0, 0 },
	{ "unix among inet", RESTRICT_INET, SYS_socket, NO, AF_UNIX, 0, 0 },
	{ "unix of both", RESTRICT_UNIX | RESTRICT_INET, SYS_socket, YES, AF_UNIX, 0, 0 },
	{ "packet of both", RESTRICT_UNIX | RESTRICT_INET, SYS_socket, NO, AF_PACKET, 0,
	    0 },
	{ "netlink", RESTRICT_UNIX | RESTRICT_INET, SYS_socket, NO, AF_NETLINK, 0, 0 },
	{ "routes", RESTRICT_ROUTES, SYS_socket, YES, AF_NETLINK, 0, NETLINK_ROUTE },
	{ "netfilter", RESTRICT_ROUTES, SYS_socket, NO, AF_NETLINK, 0,
	    NETLINK_NETFILTER },
	{ "routes and more", RESTRICT_ROUTES | RESTRICT_UNIX, SYS_socket, YES, AF_UNIX, 0,
	    0 },
	{ "message", 0, SYS_sendmsg, NO, 0, 0, 0 },
	{ "message, promised", RESTRICT_SOCKETS, SYS_sendmsg, YES, 0, 0, 0 },
	{ "accept", RESTRICT_UNIX | RESTRICT_SOCKETS, SYS_accept4, NO, 0, 0, 0 },
	{ "process", 0, SYS_clone, NO, SIGCHLD, 0, 0 },
	{ "process, promised", RESTRICT_FORK, SYS_clone, YES, SIGCHLD, 0, 0 },
	{ "vfork", RESTRICT_FORK, SYS_clone, YES, CLONE_VM | CLONE_VFORK, 0, 0 },
	{ "thread", RESTRICT_FORK, SYS_clone, NO, CLONE_THREAD, 0, 0 },
	{ "thread, promised", RESTRICT_THREADS, SYS_clone, YES, CLONE_THREAD, 0, 0 },
	{ "process among threads", RESTRICT_THREADS, SYS_clone, NO, SIGCHLD, 0, 0 },
	{ "user namespace", RESTRICT_FORK | RESTRICT_THREADS, SYS_clone, NO,
	    CLONE_NEWUSER, 0, 0 },
	{ "kill", 0, SYS_kill, NO, 1, 0, 0 },
	{ "wait", RESTRICT_CHILDREN, SYS_wait4, YES, 0, 0, 0 },
	{ "ptrace", ~0U, SYS_ptrace, NO, 0, 0, 0 },
	{ "mount", ~0U, SYS_mount, NO, 0, 0, 0 },
	{ "seccomp", 0, SYS_seccomp, NO, 0, 0, 0 },
	{ "clone3", ~0U, CLONE3, MISSING, 0, 0, 0 },
	{ "openat2", ~0U, OPENAT2, MISSING, 0, 0, 0 },
	{ "a call of the future", ~0U, OF_THE_FUTURE, MISSING, 0, 0, 0 },
	{ "x32", ~0U, X32 | 1, MISSING, 0, 0, 0 },
};

static void
every_case(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		int got = answer(cases[i].may, cases[i].number, cases[i].first,
		    cases[i].second, cases[i].third);

		if (got != cases[i].expected)
			fail_msg("%s: %x, not %x", cases[i].name, (unsigned)got,
			    (unsigned)cases[i].expected);
	}
}

static void
of_another_architecture(void **state)
{
	struct restrictfilter filter;
	struct seccomp_data data = { .nr = SYS_read, .arch = RESTRICTCALLS_ARCH ^ 1 };

	(void)state;
	assert_true(restrictfilter_make(&filter, ~0U));
	assert_int_equal(run(&filter, &data), NO);
}

/* A promise allows what it allows alone also among others, and nothing more. */
static void
promises_add_up(void **state)
{
	unsigned bit, others = RESTRICT_READ | RESTRICT_SOCKETS;
	int number;

	(void)state;
	for (bit = 1; bit <= RESTRICT_ROUTES; bit <<= 1)
		for (number = 0; number < RESTRICTCALLS_NEW; number++) {
			bool alone = answer(bit, number, 0, 0, 0) == YES;
			bool without = answer(others, number, 0, 0, 0) == YES;
			bool both = answer(bit | others, number, 0, 0, 0) == YES;

			assert_int_equal(both, alone || without);
		}
}

/* A jump has 8 bits, so there is an end to what fits. */
static void
everything_fits(void **state)
{
	struct restrictfilter filter;

	(void)state;
	assert_true(restrictfilter_make(&filter, ~0U));
	assert_true(filter.start > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case),
		cmocka_unit_test(of_another_architecture),
		cmocka_unit_test(promises_add_up),
		cmocka_unit_test(everything_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
