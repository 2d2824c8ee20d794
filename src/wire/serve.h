/* serve - the helper's side: what all helpers have in common; serveforking.h and serveloop.h are the two ways
 * to serve.  On demand the socketpair is descriptor 0; "PROGRAM serve [SERVICE]" listens at
 * run/SERVICE/sock and stays in the foreground for supervise. */
#ifndef WIRE_SERVE_H
#define WIRE_SERVE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/log.h"
#include "lib/str.h"
#include "wire/frame.h"

/* Bind and listen at run/SERVICE/sock (mode 0666) below the current directory, the home; a stale
 * socket of a dead service is replaced, a live one is EADDRINUSE.  The descriptor, or -1 with
 * errno. */
int serve_listen(const char *service);

/* Accept one connection, close-on-exec; -1 with errno. */
int serve_accept(int listener);

/* Who is at the other end: the peer's uid for a resident helper's connection (SO_PEERCRED), the
 * real uid for one on demand.  True if that may ask a helper that holds something: root, our own
 * uid, or one of `allowed` (qmaild, qmailr, qmails and control/helperusers: DESIGN 9).  On demand
 * "our own uid" is everybody's who starts us: it counts only if we are not set-id, and so hold
 * nothing that the caller could not reach without us. */
bool serve_may_ask(int fd, bool resident, const uid_t *allowed, size_t count);

/* A request, and the answer to it, which is replaced: a packet, to be sent. */
struct serve_job {
	struct frame request; /* its fields must stay where they are */
	struct str answer;
};

/* One request -> one answer, for helpers that need no more: handle() builds the answer packet with
 * frame_start() (same kind and id) and may keep the request's descriptors by setting them to -1.
 * Serves one connection until EOF or a broken frame; answers another version or an unknown kind
 * "unsupported" itself, WIRE_HELLO too.  handle() returns false for a kind it does not know. */
typedef bool serve_handler(void *context, struct frame *request, struct str *answer);

/* The part of it that is the same everywhere: the answer to WIRE_HELLO or to another version.
 * False if the request is neither. */
bool serve_common(const struct frame *request, struct str *answer);
/* The answer to a kind nobody knows. */
void serve_unsupported(const struct frame *request, struct str *answer);

void serve_connection(int fd, serve_handler *handle, void *context);

/* For a loop of one's own: a descriptor, close-on-exec and nonblocking, that can be read when
 * SIGTERM, SIGINT or (for those who have children) SIGCHLD came; they are blocked from now on.
 * `before` is the mask to restore in a child.  -1 with errno. */
int serve_signals(sigset_t *before);
/* What came: a signal's number, or 0 when nothing is left. */
int serve_next_signal(int signals);

/* One line with event "serve". */
void serve_tell(const struct log *log, const char *service, const char *text, int error);

#endif
