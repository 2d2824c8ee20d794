/* verp - envelope senders that name the recipient (outbound 6.6).  Pure. */
#ifndef SEND_VERP_H
#define SEND_VERP_H

#include "lib/str.h"
#include "lib/view.h"

/* Set *out to the sender for one recipient: of "owner-@host-@[]" and box@rhost it is
 * "owner-box=rhost@host"; any other sender stays as it is. */
void verp_sender(struct str *out, struct view sender, struct view recipient);

/* Where bounces go: "owner-@host" of "owner-@host-@[]"; any other sender as it is. */
struct view verp_bounce_recipient(struct view sender);

#endif
