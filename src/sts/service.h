/* service - qmail-sts at run/sts/sock: notes of domains come in, and are looked at by a process for
 * each, so that what a policy host says is read by one that ends with it.  A few work at a time, the
 * others wait.  Policies are looked at again before they are a day old, mail or not. */
#ifndef STS_SERVICE_H
#define STS_SERVICE_H

#include <stddef.h>
#include <stdint.h>

#include "config/helperusers.h"
#include "lib/log.h"

struct service_setting {
	const struct log *log;
	struct helperusers users; /* who may send notes */
	int64_t timeout_ms;       /* of a request to a policy host */
	uint64_t domains;         /* in the cache, at most */
	size_t dns_questions;     /* of a look */
};

/* Until SIGTERM.  0; -1 with errno if that cannot be begun. */
int service_run(const struct service_setting *setting);

#endif
