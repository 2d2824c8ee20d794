/* serveforking - the helper's side, for helpers that fork one child for each connection.  (serveloop.h is for
 * those that serve all in one process.) */
#ifndef WIRE_SERVEFORKING_H
#define WIRE_SERVEFORKING_H

#include <stddef.h>

#include "lib/log.h"

/* What is done in a child, which exits with 0 behind it. */
typedef void serve_session(void *context, int fd);

/* Serve whoever connects to run/SERVICE/sock, at most `children` at a time; others wait in the backlog.
 * 0 at SIGTERM or SIGINT, with the listener closed: sessions that have begun go on.  -1 with errno when it
 * cannot listen. */
int serve_forking(const char *service, size_t children, serve_session *session,
    void *context, const struct log *log);

#endif
