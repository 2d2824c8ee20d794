/* service - qmail-oauth at run/oauth/sock: a process for each connection, so what a token server says is
 * read by one that ends with it. */
#ifndef OAUTH_SERVICE_H
#define OAUTH_SERVICE_H

#include <stdint.h>

#include "config/helperusers.h"
#include "lib/log.h"

struct oauth_service {
	const struct log *log;
	struct helperusers users; /* who may ask */
	int64_t timeout_ms;       /* of a request to a token server */
};

/* Until SIGTERM.  0; -1 with errno if that cannot be begun. */
int service_run(struct oauth_service *service);

#endif
