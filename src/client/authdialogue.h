/* authdialogue - AUTH on the wire (RFC 4954, outbound 3.5).  A delivery that has a credential is
 * never made without it. */
#ifndef CLIENT_AUTHDIALOGUE_H
#define CLIENT_AUTHDIALOGUE_H

#include <stdbool.h>

#include "client/attempt.h"

enum {
	AUTH_INITIAL_MAX = 512
}; /* octets of "AUTH PLAIN ..." with CRLF; else two steps */

/* Authenticate.  False: reported. */
bool authdialogue(struct attempt *a, const struct authrules_mechanisms *mechanisms);

#endif
