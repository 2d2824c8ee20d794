#define _GNU_SOURCE
#include "os/restrictcalls.h"

#include <linux/audit.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#include "os/restrict.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH RESTRICTCALLS_ARCH_NONE
#endif

/* From 424 on the numbers are the same everywhere; libc's headers may not know them yet. */
enum {
	NUMBER_PIDFD_SEND_SIGNAL = 424,
	NUMBER_PIDFD_OPEN = 434,
	NUMBER_CLOSE_RANGE = 436,
	NUMBER_FACCESSAT2 = 439,
	NUMBER_EPOLL_PWAIT2 = 441,
	NUMBER_LANDLOCK_CREATE = 444,
	NUMBER_LANDLOCK_ADD = 445,
	NUMBER_LANDLOCK_ENTER = 446,
};

struct group {
	unsigned may; /* any of these promises; 0: always */
	size_t count;
	const uint16_t *numbers;
};

#define GROUP(may, list)                                 \
	{                                                \
		may, sizeof(list) / sizeof *(list), list \
	}

static const uint16_t always[] = { SYS_read, SYS_write, SYS_readv, SYS_writev,
	SYS_pread64, SYS_pwrite64, SYS_close, NUMBER_CLOSE_RANGE, SYS_dup, SYS_dup3,
	SYS_fcntl, SYS_flock, SYS_lseek, SYS_fstat, SYS_newfstatat, SYS_fsync,
	SYS_fdatasync, SYS_ftruncate, SYS_fadvise64, SYS_pipe2,
	/* waiting, clocks and timers */
	SYS_ppoll, SYS_pselect6, SYS_nanosleep, SYS_clock_nanosleep, SYS_clock_gettime,
	SYS_gettimeofday, SYS_setitimer,
	/* memory; new code is looked at */
	SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_futex,
	/* itself */
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall,
	SYS_getpid, SYS_gettid, SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid,
	SYS_getegid, SYS_getrandom, SYS_uname, SYS_sched_yield, SYS_umask, SYS_exit,
	SYS_exit_group };

static const uint16_t reading[] = { SYS_faccessat, NUMBER_FACCESSAT2, SYS_readlinkat,
	SYS_getdents64, SYS_getcwd, SYS_chdir, SYS_fchdir, SYS_statfs, SYS_fstatfs,
	SYS_statx };

static const uint16_t writing[] = { SYS_openat, SYS_linkat, SYS_unlinkat, SYS_renameat,
	SYS_renameat2, SYS_mkdirat, SYS_fchmod, SYS_fchmodat, SYS_utimensat, SYS_msync };

static const uint16_t events[] = { SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait,
	NUMBER_EPOLL_PWAIT2, SYS_eventfd2, SYS_signalfd4, SYS_timerfd_create,
	SYS_timerfd_settime };

static const uint16_t sockets[] = { SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg,
	SYS_sendmmsg, SYS_recvmmsg, SYS_shutdown, SYS_getsockopt, SYS_setsockopt,
	SYS_getsockname, SYS_getpeername };

static const uint16_t connecting[] = { SYS_socketpair, SYS_connect, SYS_bind };
static const uint16_t accepting[] = { SYS_accept, SYS_accept4, SYS_listen };

static const uint16_t forking[] = { SYS_wait4, SYS_waitid, SYS_kill, SYS_tgkill,
	SYS_tkill, NUMBER_PIDFD_OPEN, NUMBER_PIDFD_SEND_SIGNAL, SYS_setpgid, SYS_setsid,
	SYS_set_robust_list, SYS_rt_sigtimedwait, SYS_rt_sigsuspend };

static const uint16_t executing[] = { SYS_execve, SYS_execveat };

static const uint16_t threads[] = { SYS_tgkill, SYS_tkill, SYS_rseq, SYS_set_robust_list,
	SYS_set_tid_address, SYS_membarrier, SYS_sched_getaffinity, SYS_sigaltstack };

static const uint16_t code[] = { SYS_mmap, SYS_mprotect };

static const uint16_t ids[] = { SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid,
	SYS_setresuid, SYS_setresgid, SYS_setgroups, SYS_getgroups };

static const uint16_t again[] = { SYS_prctl, SYS_seccomp, NUMBER_LANDLOCK_CREATE,
	NUMBER_LANDLOCK_ADD, NUMBER_LANDLOCK_ENTER };

#if defined(__x86_64__)
/* What newer architectures never had; musl still calls these. */
static const uint16_t old_always[] = { SYS_dup2, SYS_pipe, SYS_poll, SYS_select, SYS_time,
	SYS_alarm };
static const uint16_t old_reading[] = { SYS_access, SYS_stat, SYS_lstat, SYS_readlink,
	SYS_getdents };
static const uint16_t old_writing[] = { SYS_open, SYS_creat, SYS_link, SYS_unlink,
	SYS_rename, SYS_mkdir, SYS_rmdir, SYS_chmod };
static const uint16_t old_events[] = { SYS_epoll_create, SYS_epoll_wait, SYS_eventfd,
	SYS_signalfd };
static const uint16_t old_forking[] = { SYS_fork, SYS_vfork, SYS_pause };
#endif

static const struct group groups[] = {
	GROUP(0, always),
	GROUP(RESTRICT_READ, reading),
	GROUP(RESTRICT_WRITE, writing),
	GROUP(RESTRICT_EVENTS, events),
	GROUP(RESTRICT_SOCKETS, sockets),
	GROUP(RESTRICT_UNIX | RESTRICT_INET, connecting),
	GROUP(RESTRICT_ACCEPT, accepting),
	GROUP(RESTRICT_FORK, forking),
	GROUP(RESTRICT_EXEC, executing),
	GROUP(RESTRICT_THREADS, threads),
	GROUP(RESTRICT_CODE, code),
	GROUP(RESTRICT_IDS, ids),
	GROUP(RESTRICT_AGAIN, again),
#if defined(__x86_64__)
	GROUP(0, old_always),
	GROUP(RESTRICT_READ, old_reading),
	GROUP(RESTRICT_WRITE, old_writing),
	GROUP(RESTRICT_EVENTS, old_events),
	GROUP(RESTRICT_FORK, old_forking),
#endif
};

static void
fill_examined(uint8_t answers[RESTRICTCALLS_KNOWN], unsigned may)
{
	answers[SYS_mmap] = CALL_MAP;
	answers[SYS_mprotect] = CALL_MAP;
	if (may & (RESTRICT_UNIX | RESTRICT_INET))
		answers[SYS_socket] = CALL_SOCKET;
	if (may & (RESTRICT_FORK | RESTRICT_THREADS))
		answers[SYS_clone] = CALL_CLONE;
	if (!(may & RESTRICT_READ))
		return;
	answers[SYS_openat] = CALL_OPENAT;
#ifdef SYS_open
	answers[SYS_open] = CALL_OPEN;
#endif
}

void
restrictcalls_fill(uint8_t answers[RESTRICTCALLS_KNOWN], unsigned may)
{
	size_t i, j;

	memset(answers, CALL_REFUSED, RESTRICTCALLS_KNOWN);
	fill_examined(answers, may);
	for (i = 0; i < sizeof groups / sizeof *groups; i++)
		if (!groups[i].may || (groups[i].may & may))
			for (j = 0; j < groups[i].count; j++)
				answers[groups[i].numbers[j]] = CALL_ALLOWED;
}

uint32_t
restrictcalls_arch(void)
{
	return ARCH;
}
