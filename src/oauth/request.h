/* request - what is posted to the token server (RFC 6749 4.4.2, 6; the client's secret in the body, 2.3.1,
 * which all of the providers take). */
#ifndef OAUTH_REQUEST_H
#define OAUTH_REQUEST_H

#include "lib/str.h"
#include "lib/view.h"
#include "oauth/settings.h"

/* Append the form.  `refreshtoken` is the one to use, not always that of the settings.  Wipe `out`
 * after use. */
void request_form(
    const struct oauth_settings *settings, struct view refreshtoken, struct str *out);

#endif
