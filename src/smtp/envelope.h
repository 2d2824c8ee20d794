/* envelope - what may go into a command: no byte that would end it or start another (outbound 2.7,
 * section 7). */
#ifndef SMTP_ENVELOPE_H
#define SMTP_ENVELOPE_H

#include <stdbool.h>

#include "lib/view.h"

/* True if the address has a control byte anywhere, or '<', '>' or a blank in what is not quoted on
 * the wire: the host, or all of an address without '@'. */
bool envelope_is_forbidden(struct view address);

/* The same for a host. */
bool envelope_is_forbidden_host(struct view host);

/* The sender as it goes over the wire: the mark of a double bounce, "#@[]", is empty there. */
struct view envelope_wire_sender(struct view sender);

#endif
