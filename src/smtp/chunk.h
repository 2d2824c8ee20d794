/* chunk - the argument of BDAT (RFC 3030 2): how many octets follow, and whether they are the last. */
#ifndef SMTP_CHUNK_H
#define SMTP_CHUNK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"

struct chunk {
	uint64_t octets;
	bool is_last;
};

/* "1000", "0 LAST".  False, with *out untouched, if it is anything else, or the number too large for
 * 64 bits: then nobody knows where the next command begins. */
bool chunk_parse(struct view argument, struct chunk *out);

#endif
