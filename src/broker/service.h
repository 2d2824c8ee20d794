/* service - the broker itself: starts programs for clients that may not (wire/broker.h).  One process
 * for all clients of a resident one; for one that a session forked off, a client of its own. */
#ifndef BROKER_SERVICE_H
#define BROKER_SERVICE_H

#include <stdbool.h>

#include "lib/log.h"
#include "wire/brokercommands.h"

/* What the one client of a broker that was forked off may do. */
struct broker_rules {
	struct broker_commands commands; /* it may start these */
	bool
	    any_harmless; /* variables: plugins and password checkers set what they like (environment.h) */
};

/* Serve the client on `fd` until it goes.  Its children get our environment, with its changes. */
void service_run_forked(int fd, const struct broker_rules *rules, const struct log *log);

/* Serve whoever has our user and group at run/SERVICE/sock, until SIGTERM: helpers, qmail-queue, and
 * what control/brokerprograms and $SPPCONFFILE name.  0, or -1 with errno: it cannot be begun. */
int service_run_resident(const char *service, const struct log *log);

#endif
