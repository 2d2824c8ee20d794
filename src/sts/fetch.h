/* fetch - the policy of a domain from its policy host (RFC 8461 3.3), by the rules of outbound 4.6:
 * verified HTTPS, status 200, text/plain, no redirection, 64 KiB, a deadline.
 *
 * The host is "mta-sts." and the domain, and the port 443: a domain decides about no more than the
 * address, and who answers there must have a certificate for the name before it gets a request. */
#ifndef STS_FETCH_H
#define STS_FETCH_H

#include <stdint.h>

#include "dns/resolver.h"
#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"
#include "sts/policy.h"

/* control/stscafile and control/stsproxy: empty where there is none. */
struct fetch_settings {
	struct str cafile, proxy;
	int64_t timeout_ms;
};

/* ANSWER_ERROR with `problem`: one of the files cannot be read. */
enum answer fetch_settings_read(
    struct fetch_settings *out, int64_t timeout_ms, struct problem *problem);
void fetch_settings_free(struct fetch_settings *settings);

/* STS_FINE: *out is replaced.  Else *why is, by one printable line. */
enum sts_failure fetch_policy(struct resolver *r, const struct fetch_settings *settings,
    struct view domain, struct policy *out, struct str *why);

#endif
