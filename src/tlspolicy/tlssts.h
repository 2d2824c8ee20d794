/* tlssts - MTA-STS before there is a connection; with one it is a source of TLS policy (tlssource.h). */
#ifndef TLSPOLICY_TLSSTS_H
#define TLSPOLICY_TLSSTS_H

#include <stdbool.h>

#include "lib/view.h"

/* Is there a policy in force that does not list the exchanger?  The admin's files may know better:
 * that is the whole choice's to say.  `domain` may be empty: then there is none. */
bool tlssts_excludes(struct view domain, struct view exchanger);

#endif
