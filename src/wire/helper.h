/* helper - the caller's side of a helper: reach the resident service at run/NAME/sock in the home,
 * or start bin/PROGRAM on demand with a socketpair on its descriptor 0 (DESIGN 2).  The caller
 * cannot tell which answered.  The current directory must be the home (sockets are reached by
 * relative path). */
#ifndef WIRE_HELPER_H
#define WIRE_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/deadline.h"
#include "lib/str.h"
#include "wire/frame.h"

struct helper_name {
	const char *
	    service; /* run/SERVICE/sock: "tls", "tlsc", "dns", "rcpt", "state", "oauth" */
	const char *program; /* bin/PROGRAM: "qmail-tls"; NULL: it is resident only */
	const char
	    *mode; /* argv[1] when started on demand: "server", "client"; NULL: none */
};

struct helper {
	int fd;    /* SEQPACKET, close-on-exec; -1 while not connected */
	pid_t pid; /* started on demand: reap it in helper_close(); else 0 */
	bool resident;
	uint32_t next_id;
	const char *reason; /* why the last call failed, for the log: a literal */
};

/* Nothing is reached yet: {0} with fd -1. */
void helper_init(struct helper *h);

/* Send `packet` (built with frame_start(); the id and the time left are filled in here), receive
 * the answer to that id into `answer_packet`/`answer`.  Reaches the helper first if need be; a
 * resident one that is absent, busy, of another version, or gone is replaced by one on demand,
 * which is asked the same again.  A request with descriptors is repeated only if the first helper
 * did not get it, or said that it does not know it: one that died with it may have used them.
 * 0, or -1 with h->reason set: the helper is missing, slow, dead or broken, or does not know such
 * a request, which always means "could not find out"; the connection is closed then, and the next
 * call begins anew.  Answers with an older id are dropped.
 * The helper is told how much time is left until the deadline, and is heard for two seconds more:
 * one that gave up at the deadline has the better words for it.
 * `fds` stay the caller's; `fd_count` of them go along.  The descriptors of the answer are the
 * caller's: frame_close_fds(). */
int helper_call(struct helper *h, const struct helper_name *name, struct str *packet,
    const int *fds, size_t fd_count, struct deadline deadline, struct str *answer_packet,
    struct frame *answer);

/* Give the connection up: a helper on demand ends when it sees that, and is reaped within a
 * bounded time (killed if it does not end).  helper_init() state again. */
void helper_close(struct helper *h);

/* The same without waiting, for a helper that has still something to do by itself: its pid, which
 * the caller reaps, or 0 for a resident one. */
pid_t helper_leave(struct helper *h);

/* Does somebody listen at run/SERVICE/sock now? */
bool helper_is_resident(const char *service);

#endif
