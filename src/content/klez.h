/* klez - the rule of qpsmtpd's klez_filter (inbound 5.9): a message of some size with the beginning of a
 * Windows program, in base64, near the start of a part that says it is audio or an application. */
#ifndef CONTENT_KLEZ_H
#define CONTENT_KLEZ_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"

enum {
	KLEZ_LINES = 40,     /* of the part */
	KLEZ_OCTETS = 60000, /* of a message, at least */
};

/* The state of a message.  {0} is its start. */
struct klez {
	unsigned lines_left;
	bool is_found;
};

/* A part of this type, in lower case, begins. */
void klez_part(struct klez *k, struct view type);

/* A line of its body begins. */
void klez_take(struct klez *k, struct view line);

/* Is this the message, `octets` being its size? */
bool klez_is_found(const struct klez *k, uint64_t octets);

#endif
