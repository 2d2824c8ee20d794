/* namedroute - a route that is a directory, control/routes/NAME/, one value a file (outbound 3.2):
 *
 *   relay     relay [":" ["s"] port ...], as in smtproutes
 *   user      whom the relay knows us as; none: no credential
 *   password  the rest of it, unless there is a control/oauth/NAME or a control/oauthtokens/USER */
#ifndef CLIENT_NAMEDROUTE_H
#define CLIENT_NAMEDROUTE_H

#include <stdbool.h>

#include "client/route.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"

struct named_route {
	struct str relay_line, user, password;
	struct str oauth;           /* NAME in control/oauth, or empty */
	struct str credential_path; /* the file that says the user, or its password */
};

/* Read it (a name that route_parse() let pass), the user's and the password's views pointing into *out.  The password is empty for a
 * token that is fetched later.  False with `problem`: destinations that select it must wait.  *out is
 * to be freed in any case. */
bool namedroute_read(struct view name, enum route_protocol protocol,
    struct named_route *out, struct route_value *value, struct problem *problem);
void namedroute_free(struct named_route *route); /* wipes the password */

#endif
