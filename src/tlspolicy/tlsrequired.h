/* tlsrequired - the field "TLS-Required: No" (RFC 8689 5): its author would rather have the message
 * delivered than protected, whatever the policies of the receiving domain say.  What the admin's
 * files or a credential ask for it does not touch (outbound 4.7). */
#ifndef TLSPOLICY_TLSREQUIRED_H
#define TLSPOLICY_TLSREQUIRED_H

#include <stdbool.h>

#include "lib/view.h"

/* Look into the message on `fd`, without moving the file's offset.  False also when it is no
 * regular file, or the header is longer than 64 KiB and has it behind that; `fd` may be -1. */
bool tlsrequired_is_no(int fd);

/* The same for the octets that a message begins with. */
bool tlsrequired_in(struct view header);

#endif
