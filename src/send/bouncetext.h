/* bouncetext - the words of a bounce, QSBMF (queue 4.7, outbound 6.6).  Pure. */
#ifndef SEND_BOUNCETEXT_H
#define SEND_BOUNCETEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

/* Append the paragraph of one recipient: its address, what was reported, an empty line. */
void bouncetext_recipient(struct str *out, struct view recipient, struct view report);

enum bounce_kind {
	BOUNCE_SINGLE, /* to the sender */
	BOUNCE_DOUBLE, /* the sender is <>: to doublebounceto */
	BOUNCE_TRIPLE, /* the sender is #@[]: none */
};

enum bounce_kind bouncetext_kind(struct view sender);

struct bounce_parties {
	struct view from_box, from_host; /* bouncefrom, bouncehost */
	struct view recipient;           /* of the bounce */
};

/* Append the fields of the header, without the empty line behind it; and the first paragraph. */
void bouncetext_header(struct str *out, const struct bounce_parties *p, int64_t now);
void bouncetext_intro(
    struct str *out, const struct bounce_parties *p, enum bounce_kind kind);

/* Append what comes between the recipients and the copy of the message; and the first line of that. */
void bouncetext_break(struct str *out, enum bounce_kind kind);
void bouncetext_return_path(struct str *out, struct view sender);

#endif
