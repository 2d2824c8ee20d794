/* authrules - control/authclear and control/authmechs (outbound 3.5): may a credential go to a
 * relay without TLS, and by which mechanisms? */
#ifndef ROUTE_AUTHRULES_H
#define ROUTE_AUTHRULES_H

#include <stddef.h>

#include "auth/sasl_client.h"
#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/view.h"

/* Is the relay, by its name in the route, in control/authclear ("*": all)? */
enum answer authrules_clear_allowed(struct view relay, struct problem *problem);

/* Mechanisms to try, in order. */
struct authrules_mechanisms {
	enum sasl_mechanism list[SASL_MECHANISMS];
	size_t count;
};

/* What the route itself says, unless that is empty; else "relay:MECH MECH..." of
 * control/authmechs, an empty relay for all others; else our own order.  Names that we do not know are
 * passed over.  ANSWER_YES, or ANSWER_ERROR when the file is unreadable. */
enum answer authrules_mechanisms(struct view relay, struct view of_route,
    struct authrules_mechanisms *out, struct problem *problem);

#endif
