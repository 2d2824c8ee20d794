/* settings - control/oauth/NAME/, one value a file: who we are at which token server.
 *
 *   profile       microsoft365 or google; fills in what is not given below
 *   tenant        of microsoft365: the directory's id or domain
 *   tokenurl      https://..., where tokens are fetched
 *   clientid      as registered with the provider
 *   clientsecret  likewise; a public client has none
 *   refreshtoken  as given by the provider once a person agreed
 *   scope         what the token is for
 *   grant         client_credentials or refresh_token; without it refresh_token if there is a
 *                 refreshtoken, else client_credentials
 *   cafile        certificates to trust in place of the system's */
#ifndef OAUTH_SETTINGS_H
#define OAUTH_SETTINGS_H

#include <stdint.h>

#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"
#include "oauth/profile.h"

struct oauth_settings {
	struct str tokenurl, clientid, clientsecret, refreshtoken, scope, cafile;
	enum oauth_grant grant;
	uint64_t changed; /* when a file of it was, seconds since 1970 */
};

/* ANSWER_YES; ANSWER_NO: there is no such directory; ANSWER_ERROR with `problem`: a file is
 * unreadable, or something is missing or makes no sense.  The current directory must be the home.
 * *out is filled in on ANSWER_YES only. */
enum answer settings_read(
    struct view name, struct oauth_settings *out, struct problem *problem);
void settings_free(struct oauth_settings *settings); /* wipes the secrets */

#endif
