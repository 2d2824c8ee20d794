/* bearer - the OAuth 2 access token of a route, in place of a password (outbound 3.5): asked of
 * qmail-oauth, if the route has a control/oauth/NAME; else the first line of control/oauthtokens/USER,
 * which an external job keeps fresh. */
#ifndef CLIENT_BEARER_H
#define CLIENT_BEARER_H

#include <stdbool.h>

#include "client/report.h"
#include "config/limits.h"
#include "lib/answer.h"
#include "lib/deadline.h"
#include "lib/problem.h"
#include "lib/view.h"
#include "route/routetable.h"

struct bearer_setting {
	const struct limits *limits;
	struct deadline end; /* of the delivery */
};

/* Put the token, if the route has one, into its credential.  False: reported, Z. */
bool bearer_fetch(
    struct route *route, const struct bearer_setting *setting, struct report *report);

/* The relay has refused the token: put another one into the credential.  False: there is none. */
bool bearer_renew(struct route *route, const struct bearer_setting *setting);

#endif
