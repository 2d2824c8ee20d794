/* senders - whom an authenticated client may send as: what a password checker wrote to its descriptor
 * 5 (qmail-authcdb(8)), one a line: user@host, @host for everyone there, or <> for the null sender.
 * Case does not matter.  No line at all: any sender.  A line that begins with a blank is none
 * (config/variables.h). */
#ifndef AUTH_SENDERS_H
#define AUTH_SENDERS_H

#include <stdbool.h>

#include "lib/view.h"

enum { SENDERS_MAX = 8192 }; /* octets of all lines */

/* Both parts empty is the null sender. */
bool senders_allow(struct view lines, struct view local, struct view domain);

#endif
