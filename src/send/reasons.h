/* reasons - why recipients were deferred last, for people who ask.  A bounded memory that may forget: two of
 * one slot push each other out. */
#ifndef SEND_REASONS_H
#define SEND_REASONS_H

#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"
#include "users/route.h"

enum { REASONS_SLOTS = 8192, REASONS_TEXT_MAX = 240 };

struct reason {
	uint64_t id, offset; /* of the recipient's record in the channel's file */
	enum channel_kind kind;
	int64_t at; /* a message of that number that is younger is another one */
	struct str text;
};

struct reasons { /* {0} knows nothing, and takes no memory */
	struct reason *slots;
};

void reasons_note(struct reasons *r, uint64_t id, enum channel_kind kind, uint64_t offset,
    int64_t now, struct view text);

/* NULL: none, or none since `birth`. */
const struct reason *reasons_find(const struct reasons *r, uint64_t id,
    enum channel_kind kind, uint64_t offset, int64_t birth);

void reasons_free(struct reasons *r);

#endif
