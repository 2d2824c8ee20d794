/* policy - the text of an MTA-STS policy (RFC 8461 3.2), all of it from outside. */
#ifndef STS_POLICY_H
#define STS_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"
#include "wire/sts.h"

/* {0} is empty. */
struct policy {
	enum sts_mode mode;
	uint64_t max_age; /* at most STS_AGE_MAX */
	struct str mx;    /* patterns in lower case, a blank between two */
};

/* Lines "key: value", ended by LF or CRLF.  Keys that we do not know are skipped; of one that stands
 * twice the first counts, but every mx does.  NULL: *out is filled in; else why it is no policy, a
 * literal, and *out is untouched. */
const char *policy_parse(struct view text, struct policy *out);
void policy_free(struct policy *policy);

#endif
