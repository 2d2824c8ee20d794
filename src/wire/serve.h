/* serve - the helper's side: one main for all helpers.  On demand the socketpair is descriptor 0;
 * "PROGRAM serve [SERVICE]" listens at run/SERVICE/sock and stays in the foreground for
 * supervise. */
#ifndef WIRE_SERVE_H
#define WIRE_SERVE_H

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
 * effective uid, or one of `allowed` (qmaild, qmailr, qmails and control/helperusers: DESIGN 9). */
bool serve_may_ask(int fd, bool resident, const uid_t *allowed, size_t count);

/* One request -> one answer, for helpers that need no more: handle() builds the answer packet with
 * frame_start() (same kind and id) and may keep the request's descriptors by setting them to -1.
 * Serves one connection until EOF or a broken frame; answers another version or an unknown kind
 * "unsupported" itself, WIRE_HELLO too.  handle() returns false for a kind it does not know. */
typedef bool serve_handler(void *context, struct frame *request, struct str *answer);
void serve_connection(int fd, serve_handler *handle, void *context);

/* The resident loop of a helper that forks one child per connection, at most `children` at a time
 * (further connections wait in the backlog).  Ends with 0 on SIGTERM after closing the listener,
 * or -1 with errno when it cannot listen.  In the child, session() runs and the child exits. */
typedef void serve_session(void *context, int fd);
int serve_forking(const char *service, size_t children, serve_session *session,
    void *context, const struct log *log);

#endif
