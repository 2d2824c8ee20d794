#define _GNU_SOURCE
#include "os/restrictcalls.h"

#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#include "os/restrict.h"

#ifdef RESTRICTCALLS_ARCH

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

/* What a call is allowed for: any of these promises; 0 is always. */
struct row {
	uint16_t number, may;
};

enum {
	ALWAYS = 0,
	READ = RESTRICT_READ,
	WRITE = RESTRICT_WRITE,
	EVENTS = RESTRICT_EVENTS,
	SOCKETS = RESTRICT_SOCKETS,
	CONNECT = RESTRICT_UNIX | RESTRICT_INET,
	ACCEPT = RESTRICT_ACCEPT,
	CHILDREN = RESTRICT_CHILDREN | RESTRICT_FORK,
	FORK = RESTRICT_FORK,
	EXEC = RESTRICT_EXEC,
	THREADS = RESTRICT_THREADS,
	CODE = RESTRICT_CODE,
	IDS = RESTRICT_IDS,
	AGAIN = RESTRICT_AGAIN,
	ROUTES = RESTRICT_ROUTES,
};

/* No pointers in it, so that a program need not relocate it at its start. */
/* clang-format off */
static const struct row rows[] = {
	{ SYS_read, ALWAYS }, { SYS_write, ALWAYS }, { SYS_readv, ALWAYS }, { SYS_writev, ALWAYS },
	{ SYS_pread64, ALWAYS }, { SYS_pwrite64, ALWAYS }, { SYS_close, ALWAYS },
	{ NUMBER_CLOSE_RANGE, ALWAYS }, { SYS_dup, ALWAYS }, { SYS_dup3, ALWAYS },
	{ SYS_fcntl, ALWAYS }, { SYS_flock, ALWAYS }, { SYS_lseek, ALWAYS }, { SYS_fstat, ALWAYS },
	{ SYS_newfstatat, ALWAYS }, { SYS_fsync, ALWAYS }, { SYS_fdatasync, ALWAYS },
	{ SYS_ftruncate, ALWAYS }, { SYS_fadvise64, ALWAYS }, { SYS_pipe2, ALWAYS },
	{ SYS_ppoll, ALWAYS }, { SYS_pselect6, ALWAYS }, { SYS_nanosleep, ALWAYS },
	{ SYS_clock_nanosleep, ALWAYS }, { SYS_clock_gettime, ALWAYS },
	{ SYS_gettimeofday, ALWAYS }, { SYS_setitimer, ALWAYS }, { SYS_brk, ALWAYS },
	{ SYS_munmap, ALWAYS }, { SYS_mremap, ALWAYS }, { SYS_madvise, ALWAYS },
	{ SYS_futex, ALWAYS }, { SYS_rt_sigaction, ALWAYS }, { SYS_rt_sigprocmask, ALWAYS },
	{ SYS_rt_sigreturn, ALWAYS }, { SYS_restart_syscall, ALWAYS }, { SYS_getpid, ALWAYS },
	{ SYS_gettid, ALWAYS }, { SYS_getppid, ALWAYS }, { SYS_getuid, ALWAYS },
	{ SYS_geteuid, ALWAYS }, { SYS_getgid, ALWAYS }, { SYS_getegid, ALWAYS },
	{ SYS_getrandom, ALWAYS }, { SYS_uname, ALWAYS }, { SYS_sched_yield, ALWAYS },
	{ SYS_umask, ALWAYS }, { SYS_exit, ALWAYS }, { SYS_exit_group, ALWAYS },
	{ SYS_faccessat, READ }, { NUMBER_FACCESSAT2, READ }, { SYS_readlinkat, READ },
	{ SYS_getdents64, READ }, { SYS_getcwd, READ }, { SYS_chdir, READ }, { SYS_fchdir, READ },
	{ SYS_statfs, READ }, { SYS_fstatfs, READ }, { SYS_statx, READ },
	{ SYS_openat, WRITE }, { SYS_linkat, WRITE }, { SYS_unlinkat, WRITE },
	{ SYS_renameat, WRITE }, { SYS_renameat2, WRITE }, { SYS_mkdirat, WRITE },
	{ SYS_utimensat, WRITE }, { SYS_msync, WRITE },
	{ SYS_epoll_create1, EVENTS }, { SYS_epoll_ctl, EVENTS }, { SYS_epoll_pwait, EVENTS },
	{ NUMBER_EPOLL_PWAIT2, EVENTS }, { SYS_eventfd2, EVENTS }, { SYS_signalfd4, EVENTS },
	{ SYS_timerfd_create, EVENTS }, { SYS_timerfd_settime, EVENTS },
	{ SYS_sendto, SOCKETS }, { SYS_recvfrom, SOCKETS }, { SYS_sendmsg, SOCKETS },
	{ SYS_recvmsg, SOCKETS }, { SYS_sendmmsg, SOCKETS }, { SYS_recvmmsg, SOCKETS },
	{ SYS_shutdown, SOCKETS }, { SYS_getsockopt, SOCKETS }, { SYS_setsockopt, SOCKETS },
	{ SYS_getsockname, SOCKETS }, { SYS_getpeername, SOCKETS },
	{ SYS_socketpair, CONNECT }, { SYS_connect, CONNECT }, { SYS_bind, CONNECT | ROUTES },
	{ SYS_accept, ACCEPT }, { SYS_accept4, ACCEPT }, { SYS_listen, ACCEPT },
	{ SYS_wait4, ALWAYS }, { SYS_waitid, ALWAYS }, { SYS_kill, CHILDREN },
	{ NUMBER_PIDFD_OPEN, CHILDREN }, { NUMBER_PIDFD_SEND_SIGNAL, CHILDREN },
	{ SYS_rt_sigtimedwait, CHILDREN }, { SYS_rt_sigsuspend, CHILDREN },
	{ SYS_tgkill, FORK }, { SYS_tkill, FORK }, { SYS_set_robust_list, FORK },
	{ SYS_setpgid, FORK }, { SYS_setsid, FORK },
	{ SYS_execve, EXEC }, { SYS_execveat, EXEC },
	{ SYS_tgkill, THREADS }, { SYS_tkill, THREADS }, { SYS_rseq, THREADS },
	{ SYS_set_robust_list, THREADS }, { SYS_set_tid_address, THREADS },
	{ SYS_membarrier, THREADS }, { SYS_sched_getaffinity, THREADS },
	{ SYS_sigaltstack, THREADS },
	{ SYS_mmap, CODE }, { SYS_mprotect, CODE },
	{ SYS_setuid, IDS }, { SYS_setgid, IDS }, { SYS_setreuid, IDS }, { SYS_setregid, IDS },
	{ SYS_setresuid, IDS }, { SYS_setresgid, IDS }, { SYS_setgroups, IDS },
	{ SYS_getgroups, IDS },
	{ SYS_prctl, AGAIN }, { SYS_seccomp, AGAIN }, { NUMBER_LANDLOCK_CREATE, AGAIN },
	{ NUMBER_LANDLOCK_ADD, AGAIN }, { NUMBER_LANDLOCK_ENTER, AGAIN },
#if defined(__x86_64__)
	/* What newer architectures never had; musl still calls these. */
	{ SYS_dup2, ALWAYS }, { SYS_pipe, ALWAYS }, { SYS_poll, ALWAYS }, { SYS_select, ALWAYS },
	{ SYS_time, ALWAYS }, { SYS_alarm, ALWAYS },
	{ SYS_access, READ }, { SYS_stat, READ }, { SYS_lstat, READ }, { SYS_readlink, READ },
	{ SYS_getdents, READ },
	{ SYS_open, WRITE }, { SYS_creat, WRITE }, { SYS_link, WRITE }, { SYS_unlink, WRITE },
	{ SYS_rename, WRITE }, { SYS_mkdir, WRITE }, { SYS_rmdir, WRITE },
	{ SYS_epoll_create, EVENTS }, { SYS_epoll_wait, EVENTS }, { SYS_eventfd, EVENTS },
	{ SYS_signalfd, EVENTS },
	{ SYS_fork, FORK }, { SYS_vfork, FORK }, { SYS_pause, CHILDREN },
#endif
};
/* clang-format on */

void
restrictcalls_fill(uint32_t words[RESTRICTCALLS_WORDS], unsigned may)
{
	size_t i;

	memset(words, 0, RESTRICTCALLS_WORDS * sizeof *words);
	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!rows[i].may || (rows[i].may & may))
			words[rows[i].number / RESTRICTCALLS_WORD] |= UINT32_C(1)
			    << rows[i].number % RESTRICTCALLS_WORD;
}

#endif
