/* quota - how full a Maildir is: its quota as vpopmail writes it, and maildirsize, the file in which
 * its size is kept (Maildir++). */
#ifndef USERS_QUOTA_H
#define USERS_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"

enum {
	MAILDIRSIZE_MAX = 65536
}; /* octets; who writes the file makes it anew from 5120 on */

struct quota {                     /* {0} is none */
	uint64_t octets, messages; /* 0: no limit */
};

/* "NOQUOTA", or numbers with commas between: 10485760S or 10485760 or 10M or 10MB is octets, 1000C
 * messages.  False if it is anything else. */
bool quota_parse(struct view text, struct quota *out);

/* Add up the lines "octets messages" behind the first line of maildirsize.  False if one is
 * something else. */
bool quota_parse_maildirsize(struct view bytes, struct quota *used);

/* How much of the quota is used, in percent, of octets or of messages, whichever is more. */
uint64_t quota_percent(const struct quota *quota, const struct quota *used);

#endif
