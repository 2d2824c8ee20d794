#include "oauth/profile.h"

#include <stddef.h>

static const char *const grants[OAUTH_GRANTS] = {
	[GRANT_CLIENT_CREDENTIALS] = "client_credentials",
	[GRANT_REFRESH_TOKEN] = "refresh_token",
};

static const struct oauth_profile profiles[] = {
	{ "microsoft365", "https://login.microsoftonline.com/", "/oauth2/v2.0/token",
	    { [GRANT_CLIENT_CREDENTIALS] = "https://outlook.office365.com/.default",
		[GRANT_REFRESH_TOKEN] =
		    "https://outlook.office.com/SMTP.Send offline_access" } },
	{ "google", "https://oauth2.googleapis.com/token", NULL,
	    { [GRANT_REFRESH_TOKEN] = "" } },
};

const char *
grant_name(enum oauth_grant grant)
{
	return grants[grant];
}

bool
grant_by_name(struct view name, enum oauth_grant *out)
{
	size_t i;

	for (i = 0; i < OAUTH_GRANTS; i++)
		if (view_equal(name, view_of(grants[i]))) {
			*out = (enum oauth_grant)i;
			return true;
		}
	return false;
}

const struct oauth_profile *
profile_by_name(struct view name)
{
	size_t i;

	for (i = 0; i < sizeof profiles / sizeof *profiles; i++)
		if (view_equal(name, view_of(profiles[i].name)))
			return &profiles[i];
	return NULL;
}
