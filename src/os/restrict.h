/* restrict - give up, for good, what the rest of a program's work does not need (DESIGN 4): system
 * calls by seccomp, files by Landlock, both by plain system calls, so that a static program can.
 *
 * A program says what it still may (a plan, in the spirit of pledge and unveil); os_restrict()
 * takes the rest away from this process and from every process it starts later.  It sets
 * no_new_privs: an exec afterwards gets no set-uid or set-gid bit, so a program that starts
 * qmail-queue, qmail-tls or a user's program cannot be restricted before.
 *
 * A forbidden call fails with EPERM (a file beneath no path of the plan: EACCES).  Nothing is
 * killed for it: libc and libraries try calls that they can do without, and cope with an error;
 * a session that was killed would lose mail where one that fails says "later".  Calls that came
 * with Linux 5.1 or later and are not in the plan fail with ENOSYS, so that a libc newer than this
 * code falls back to an older call; clone3 and openat2 always do, because what they ask for is in
 * memory, where a filter cannot look.  Calls of another architecture's table (i386, x32) fail too.
 *
 * Where the kernel has no seccomp or no Landlock, or a container forbids to use them, the program
 * goes on without.  Whether it is active: Seccomp: 2 in /proc/PID/status.
 *
 * Sanitizers make calls of their own at any time (LeakSanitizer traces the process), and coverage
 * builds write files at the end: built with -DSANITIZE or -DUNRESTRICTED, everything is prepared
 * and nothing is switched on. */
#ifndef OS_RESTRICT_H
#define OS_RESTRICT_H

#include <stdbool.h>
#include <stddef.h>

/* What a process may.  All may use the descriptors they have, wait for them, look at the status of
 * files, have memory without new code in it, clocks, an alarm and signals of their own, and see that a
 * child of theirs has ended. */
enum {
	RESTRICT_READ = 1 << 0,    /* open files for reading, list directories */
	RESTRICT_WRITE = 1 << 1,   /* for writing; make, link, rename, remove them */
	RESTRICT_EVENTS = 1 << 2,  /* epoll; signals, timers, events as descriptors */
	RESTRICT_SOCKETS = 1 << 3, /* those it has: options, messages, descriptors */
	RESTRICT_UNIX = 1 << 4,    /* make sockets within this machine, connect */
	RESTRICT_INET = 1 << 5,    /* the same for IPv4 and IPv6 */
	RESTRICT_ACCEPT = 1 << 6,  /* listen, accept */
	RESTRICT_CHILDREN =
	    1 << 7, /* wait for them as for descriptors; signals, to others too */
	RESTRICT_FORK = 1 << 8, /* that, and more children */
	RESTRICT_EXEC = 1 << 9, /* run programs, set-id bits without effect */
	RESTRICT_THREADS = 1 << 10,
	RESTRICT_CODE = 1 << 11,   /* map code: libraries that are loaded late */
	RESTRICT_IDS = 1 << 12,    /* change user and groups */
	RESTRICT_AGAIN = 1 << 13,  /* os_restrict() once more, for less */
	RESTRICT_ROUTES = 1 << 14, /* ask which addresses this machine has */
};

/* What may be done at and beneath a path. */
enum {
	RESTRICT_PATH_READ = 1 << 0,   /* read files, list directories */
	RESTRICT_PATH_WRITE = 1 << 1,  /* write to files that are there */
	RESTRICT_PATH_CREATE = 1 << 2, /* make, remove files, sockets, directories */
	RESTRICT_PATH_MOVE = 1 << 3,   /* link, rename between directories */
	RESTRICT_PATH_EXEC = 1 << 4,
	/* The path stands for the directory that the file is in, behind all symbolic links: so
	 * that a file is still in the plan when it was replaced by rename().  Of a directory,
	 * itself. */
	RESTRICT_PATH_HOLDER = 1 << 5,
};

/* A path that is missing or out of reach is left out.  Symbolic links are followed now: what one
 * of them points to later is out of the plan.  `path` is relative to directory `at`, or, with `at`
 * 0, to the current directory; NULL is the directory of the descriptor `at` itself. */
struct restrict_path {
	const char *path;
	unsigned rights;
	int at;
};

enum { RESTRICT_PATHS = 16 };

struct restrict_plan {
	unsigned may;  /* RESTRICT_ */
	bool anywhere; /* files are not narrowed to paths */
	size_t path_count;
	struct restrict_path paths[RESTRICT_PATHS];
};

/* What is in force now. */
struct restrict_report {
	bool calls;   /* seccomp */
	int landlock; /* its version; 0: none */
};

/* Let the plan also reach `path`.  More than RESTRICT_PATHS: `anywhere`. */
void restrict_allow(struct restrict_plan *plan, const char *path, unsigned rights);

/* Let it reach directory `at`; and what `name` in that leads to, if it is a symbolic link, because
 * that may be elsewhere. */
void restrict_allow_directory(struct restrict_plan *plan, int at, unsigned rights);
void restrict_allow_link(
    struct restrict_plan *plan, int at, const char *name, unsigned rights);

/* 0, also where the kernel has nothing of it; what is in force then goes to *report, which may be
 * NULL.  -1 with errno when the kernel could not do what it can (no memory, no descriptor): the
 * process may then be restricted in part. */
int os_restrict(const struct restrict_plan *plan, struct restrict_report *report);

#endif
