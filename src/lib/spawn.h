/* spawn - the one place where children are started (vfork-like, so that a large parent costs
 * nothing), by this process or by its broker.  Descriptors other than those named are close-on-exec
 * by our own convention. */
#ifndef LIB_SPAWN_H
#define LIB_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/deadline.h"

enum { SPAWN_FDS = 8 };

/* What a child's descriptor may refer to besides one of ours. */
enum { SPAWN_NULL = -1, SPAWN_CLOSED = -2 };

struct spawn {
	const char
	    *path; /* a path, or a name to be found in $PATH when `search` is set */
	char *const *argv; /* NULL-terminated */
	char *const *env;  /* NULL: ours */
	const char *dir;   /* chdir there first; NULL: stay */
	bool search;
	bool keep_sigpipe_ignored; /* else the child has SIGPIPE default */
	struct {
		int to, from; /* in the child, `to` refers to our `from` */
	} fds[SPAWN_FDS];
	size_t fd_count;
};

/* In the child, make `to` refer to our descriptor `from`, to /dev/null (SPAWN_NULL), or to nothing
 * (SPAWN_CLOSED). */
void spawn_give(struct spawn *s, int to, int from);

/* Start the child.  Its pid, or -1 with errno: an exec that fails is reported here, not by an
 * exit code. */
pid_t spawn_start(const struct spawn *s);

/* Of the error of spawn_start() or of a pipe for a child: is it that this host lacks processes,
 * memory or descriptors?  Any other is the program's. */
bool spawn_is_shortage(int error);

/* A descriptor that can be read once `pid` has ended, which the caller closes; -1 where the kernel
 * has none (before 5.3). */
int spawn_watch(pid_t pid);

/* Wait for `pid`, through EINTR.  0 with the raw wait status, or -1 with errno; ETIMEDOUT when
 * the deadline passes first (the child is then still running and not reaped). */
int spawn_wait(pid_t pid, struct deadline deadline, int *status);

/* Send a child that was not waited for yet a signal.  0, or -1 with errno. */
int spawn_kill(pid_t pid, int signal_number);

/* Who starts the children of a process that may not (wire/broker.h): what the functions above do
 * is done by these.  A process has one or none for all that it starts, as it has one environment:
 * so this is set once, by the program, and not handed through everything that has a child. */
struct spawn_broker {
	pid_t (*start)(void *context, const struct spawn *s);
	int (*watch)(void *context, pid_t pid);
	int (*wait)(void *context, pid_t pid, struct deadline deadline, int *status);
	int (*kill)(void *context, pid_t pid, int signal_number);
	void *context;
};

/* NULL: by ourselves, as at the start.  What was started before the call is forgotten. */
void spawn_through(const struct spawn_broker *broker);

#endif
