/* profile - what providers have in common with all their customers: where tokens are fetched, and for
 * which scope.  A provider is a row. */
#ifndef OAUTH_PROFILE_H
#define OAUTH_PROFILE_H

#include <stdbool.h>

#include "lib/view.h"

enum oauth_grant {
	GRANT_CLIENT_CREDENTIALS, /* RFC 6749 4.4: the program is the account */
	GRANT_REFRESH_TOKEN,      /* RFC 6749 6: on behalf of a person who agreed once */
	OAUTH_GRANTS,
};

/* As it stands in a request and in control/oauth/NAME/grant. */
const char *grant_name(enum oauth_grant grant);
bool grant_by_name(struct view name, enum oauth_grant *out);

struct oauth_profile {
	const char *name;
	const char *url_start,
	    *url_end; /* the tenant is between; url_end NULL: there is none */
	const char
	    *scope[OAUTH_GRANTS]; /* "" is none; NULL: the provider has no such grant */
};

/* NULL: there is no such provider. */
const struct oauth_profile *profile_by_name(struct view name);

#endif
