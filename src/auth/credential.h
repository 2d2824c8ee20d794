/* credential - a user name and a password, or a token in its place, in fixed buffers that are wiped after use (DESIGN 4). */
#ifndef AUTH_CREDENTIAL_H
#define AUTH_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/view.h"

enum { CREDENTIAL_USER = 512, CREDENTIAL_PASS = 8192 };

/* {0} is none. */
struct credential {
	char user[CREDENTIAL_USER], pass[CREDENTIAL_PASS];
	size_t user_len, pass_len;
	bool is_token; /* pass is an OAuth 2 access token */
};

/* False, *c untouched, when either is too long or holds a NUL (RFC 4616 2). */
bool credential_set(struct credential *c, struct view user, struct view pass);

/* The same for an access token. */
bool credential_set_token(struct credential *c, struct view user, struct view token);

/* Both parts are there. */
bool credential_is_set(const struct credential *c);

struct view credential_user(const struct credential *c);
struct view credential_pass(const struct credential *c);

/* Overwrite it; {0} again. */
void credential_wipe(struct credential *c);

#endif
