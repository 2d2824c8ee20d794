/* spawn - the one place where children are started (vfork-like, so that a large parent costs
 * nothing).  Descriptors other than those named are close-on-exec by our own convention. */
#ifndef LIB_SPAWN_H
#define LIB_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/deadline.h"

enum { SPAWN_FDS = 8 };

struct spawn {
	const char
	    *path; /* a path, or a name to be found in $PATH when `search` is set */
	char *const *argv; /* NULL-terminated */
	char *const *env;  /* NULL: ours */
	const char *dir;   /* chdir there first; NULL: stay */
	bool search;
	bool keep_sigpipe_ignored; /* else the child has SIGPIPE default */
	struct {
		int to, from; /* in the child, `to` refers to our `from`; -1: /dev/null */
	} fds[SPAWN_FDS];
	size_t fd_count;
};

/* In the child, make `to` refer to our descriptor `from` (-1: /dev/null). */
void spawn_give(struct spawn *s, int to, int from);

/* Start the child.  Its pid, or -1 with errno: an exec that fails is reported here, not by an
 * exit code. */
pid_t spawn_start(const struct spawn *s);

/* Wait for `pid`, through EINTR.  0 with the raw wait status, or -1 with errno; ETIMEDOUT when
 * the deadline passes first (the child is then still running and not reaped). */
int spawn_wait(pid_t pid, struct deadline deadline, int *status);

#endif
