/* session - one connection of a caller: requests in frames (wire/tls.h says what goes along), and
 * the TLS session that the last of them asks for. */
#ifndef TLS_SESSION_H
#define TLS_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tls/context.h"

enum session_side { SESSION_SERVER, SESSION_CLIENT };

/* What a process of qmail-tls keeps from session to session. */
struct service {
	enum session_side side;
	bool resident;
	const uid_t *allowed; /* who may ask a resident one, besides root and itself */
	size_t allowed_count;
	int64_t idle_ms; /* of a session with nothing going either way */
	struct context_servers servers;
	struct context_clients clients;
	struct pump *pump; /* its buffers; mem_alloc_zeroed() */
};

/* Serve `caller` until it is closed, or until the one TLS session it asks for is over.  Closes
 * it.  False if it asked for nothing: it only wanted to know whether there is a service. */
bool session_serve(struct service *service, int caller);

/* Nobody can serve it now: a request that is there by now is answered "later" with that reason, and the
 * connection closed. */
void session_refuse(int caller, const char *reason);

#endif
