/* mailbox - the addresses of an address field, found from right to left (queue 3.4): so a phrase in
 * front of '<', a route and a missing comma need no look ahead. */
#ifndef MESSAGE_MAILBOX_H
#define MESSAGE_MAILBOX_H

#include <stdbool.h>

#include "message/token.h"

/* Called for each address, the last of the field first: its tokens in their natural order, without
 * '<' and '>'.  It may change them; what it leaves goes into the field. */
typedef void mailbox_visit(struct tokens *address, void *context);

/* Walk through `field`, whose first `skip` tokens (the name and its colon: 2) are kept as they are,
 * and append to `out` the field with its addresses as `visit` left them.  A comma is put between two
 * addresses that lack one.  A group's name may be missing with its colon, so that one ';' may stand
 * where a comma should.  False, with `out` and what was visited of no use, for a group that is nested
 * or not closed, and for '>' without '<'. */
bool mailbox_walk(const struct tokens *field, size_t skip, mailbox_visit *visit,
    void *context, struct tokens *out);

#endif
