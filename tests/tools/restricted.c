/* restricted - what os_restrict() leaves to a process that keeps to the plan of one of our programs.
 *
 *   restricted plan NAME INSIDE OUTSIDE
 *       enter the plan NAME in the home that is the current directory, make calls, and print a line
 *       "CALL ERRNO" for each, 0 for one that went well.  INSIDE is a path that the plan may have
 *       something to do with, OUTSIDE a file that it has nothing to do with.
 *   restricted without WHAT COMMAND ...
 *       run the command as a kernel would that has no seccomp, no landlock, neither, or nothing of
 *       all that (no_new_privs, too). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ares/dnsplan.h"
#include "client/remoteplan.h"
#include "local/maildirplan.h"
#include "queue/intake.h"
#include "state/stateplan.h"
#include "tls/tlsplan.h"

enum {
	EXIT_USAGE = 100,
	EXIT_TROUBLE = 111,
	LANDLOCK_CREATE = 444,
	CLONE3 = 435,
	IO_URING = 425
};

static void
say(const char *call, long result)
{
	printf("%s %d\n", call, result < 0 ? errno : 0);
	fflush(stdout);
}

static _Noreturn void
fail(const char *what)
{
	perror(what);
	exit(EXIT_TROUBLE);
}

/* --- calls ---------------------------------------------------------------------------------------- */

static long
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid;
}

static long
try_code(void)
{
	void *page =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? -1 : mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static long
try_close(int fd)
{
	if (fd >= 0)
		close(fd);
	return fd;
}

static long
try_socket(int family)
{
	return try_close(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static long
try_open(const char *path, int flags)
{
	return try_close(open(path, flags | O_CLOEXEC, 0600));
}

static void
say_powers(void)
{
	char *none[] = { NULL };

	/* Not there: so a call that is allowed finds that out. */
	say("exec", execve("/nonexistent/program", none, none));
	say("fork", try_fork());
	say("clone3", syscall(CLONE3, NULL, 0));
	say("unshare", unshare(CLONE_NEWUSER));
	say("ptrace", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	say("kill", kill(getppid(), 0));
	say("code", try_code());
	say("setuid", setuid(getuid()));
	say("chmod", chmod("/nonexistent/file", 0600));
	say("personality", syscall(SYS_personality, 0xffffffffUL));
	say("keyctl", syscall(SYS_keyctl, 0, 0));
	say("bpf", syscall(SYS_bpf, 0, NULL, 0));
	say("vm", syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0));
	say("io_uring", syscall(IO_URING, 1, NULL));
}

static void
say_sockets(void)
{
	int pair[2] = { -1, -1 };

	say("inet", try_socket(AF_INET));
	say("inet6", try_socket(AF_INET6));
	say("unix", try_socket(AF_UNIX));
	say("netlink",
	    try_close(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0 /* ROUTE */)));
	say("packet", try_close(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)));
	say("pair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

static void
say_files(const char *inside, const char *outside)
{
	char link[4096];

	say("read-inside", try_open(inside, O_RDONLY));
	say("write-inside", try_open(inside, O_WRONLY));
	snprintf(link, sizeof link, "%s.made", inside);
	say("make-inside", try_open(link, O_WRONLY | O_CREAT | O_EXCL));
	say("remove-inside", unlink(link));
	say("read-outside", try_open(outside, O_RDONLY));
	say("write-outside", try_open(outside, O_WRONLY));
	snprintf(link, sizeof link, "%s.made", outside);
	say("make-outside", try_open(link, O_WRONLY | O_CREAT | O_EXCL));
}

/* What libc does without being asked, with and without the kernel's page of clocks. */
static void
say_usual(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct timespec now, moment = { 0, 1000 };
	struct stat st;
	int ends[2] = { -1, -1 };
	char octet = 0;
	char *large = malloc(32 << 20);

	if (large)
		memset(large, 1, 32 << 20);
	say("memory", large ? 0 : -1);
	free(large);
	say("clock", syscall(SYS_clock_gettime, CLOCK_REALTIME, &now));
	say("sleep", nanosleep(&moment, NULL));
	say("signal", sigaction(SIGUSR1, &ignore, NULL));
	say("alarm", alarm(0) == 0 ? 0 : -1);
	say("pipe", pipe(ends));
	say("write", write(ends[1], "x", 1));
	say("read", read(ends[0], &octet, 1));
	say("fstat", fstat(ends[0], &st));
	say("stat", stat("/", &st));
	say("random", syscall(SYS_getrandom, &octet, 1, 0));
}

/* --- the plans ------------------------------------------------------------------------------------- */

static struct restrict_plan
plan_called(const char *name, const char *inside, struct arena *mem)
{
	struct layout layout = { 0 };
	char *directory = strdup(inside);
	int dir;

	if (strcmp(name, "remote") == 0)
		return remoteplan(mem);
	if (strcmp(name, "dns") == 0)
		return dnsplan();
	if (strcmp(name, "state") == 0)
		return stateplan();
	if (strcmp(name, "tls") == 0 || strcmp(name, "tls-on-demand") == 0)
		return tlsplan(strcmp(name, "tls") == 0);
	*strrchr(directory, '/') = '\0';
	*strrchr(directory, '/') = '\0';
	dir = open(directory, O_PATH | O_CLOEXEC);
	free(directory);
	layout.fd = dir;
	if (dir >= 0 && strcmp(name, "queue") == 0)
		return intake_plan(&layout);
	if (dir >= 0 && strcmp(name, "maildir") == 0)
		return maildirplan(dir, -1);
	fail(name);
}

static int
show_plan(const char *name, const char *inside, const char *outside)
{
	struct arena mem = { 0 };
	struct restrict_plan plan = plan_called(name, inside, &mem);
	struct restrict_report report;

	if (os_restrict(&plan, &report) < 0)
		fail("os_restrict");
	printf("seccomp %d\nlandlock %d\n", report.calls, report.landlock > 0);
	say_usual();
	say_sockets();
	say_files(inside, outside);
	say_powers();
	arena_free(&mem);
	return 0;
}

/* --- an older kernel ------------------------------------------------------------------------------- */

#define FAIL_WITH(e)                                           \
	{                                                      \
		BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | (e) \
	}
#define LOAD(offset)                                     \
	{                                                \
		BPF_LD | BPF_W | BPF_ABS, 0, 0, (offset) \
	}
#define IF_NOT(value, skip)                                   \
	{                                                     \
		BPF_JMP | BPF_JEQ | BPF_K, 0, (skip), (value) \
	}

static int
run_without(const char *what, char **command)
{
	bool nothing = strcmp(what, "nothing") == 0,
	     neither = nothing || strcmp(what, "neither") == 0;
	uint32_t no_seccomp =
	    neither || strcmp(what, "seccomp") == 0 ? SYS_seccomp : UINT32_MAX;
	uint32_t no_landlock =
	    neither || strcmp(what, "landlock") == 0 ? LANDLOCK_CREATE : UINT32_MAX;
	uint32_t option = no_seccomp == UINT32_MAX ? UINT32_MAX : PR_SET_SECCOMP;
	struct sock_filter code[] = {
		LOAD(offsetof(struct seccomp_data, nr)),
		IF_NOT(no_landlock, 1),
		FAIL_WITH(ENOSYS),
		IF_NOT(no_seccomp, 1),
		FAIL_WITH(ENOSYS),
		IF_NOT(SYS_prctl, 5),
		LOAD(offsetof(struct seccomp_data, args)),
		IF_NOT(option, 1),
		FAIL_WITH(EINVAL),
		IF_NOT(nothing ? PR_SET_NO_NEW_PRIVS : UINT32_MAX, 1),
		FAIL_WITH(EINVAL),
		{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW },
	};
	struct sock_fprog program = { sizeof code / sizeof *code, code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
		fail("filter");
	execvp(command[0], command);
	fail(command[0]);
}

int
main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "plan") == 0)
		return show_plan(argv[2], argv[3], argv[4]);
	if (argc > 3 && strcmp(argv[1], "without") == 0)
		return run_without(argv[2], argv + 3);
	fprintf(stderr,
	    "usage: restricted plan NAME INSIDE OUTSIDE | without WHAT COMMAND ...\n");
	return EXIT_USAGE;
}
