/* spawn - the one place where children are started (vfork-like, so that a large parent costs
 * nothing).  Descriptors other than those named are close-on-exec by our own convention. */
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

/* A descriptor that can be read once `pid` has ended; -1 where the kernel has none (before 5.3). */
int spawn_watch(pid_t pid);

/* Wait for `pid`, through EINTR.  0 with the raw wait status, or -1 with errno; ETIMEDOUT when
 * the deadline passes first (the child is then still running and not reaped). */
int spawn_wait(pid_t pid, struct deadline deadline, int *status);

#endif
