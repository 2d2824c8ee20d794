/* record - the TXT record _mta-sts.DOMAIN (RFC 8461 3.1): that there is a policy, and which one. */
#ifndef STS_RECORD_H
#define STS_RECORD_H

#include <stddef.h>

#include "lib/view.h"

enum record_result {
	RECORD_NONE,    /* no record begins "v=STSv1;" */
	RECORD_ONE,     /* *id is that of the policy, and points into the record */
	RECORD_SEVERAL, /* more than one does: as if there were none */
	RECORD_INVALID, /* one does, and is not as it should be: likewise */
};

/* `texts` are the texts found at that name, any octets. */
enum record_result record_find(const struct view *texts, size_t count, struct view *id);

#endif
