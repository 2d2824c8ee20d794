/* credential - a user name and a password, in fixed buffers that are wiped after use (DESIGN 4). */
#ifndef AUTH_CREDENTIAL_H
#define AUTH_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/view.h"

enum { CREDENTIAL_USER = 512, CREDENTIAL_PASS = 4096 };

/* {0} is none. */
struct credential {
	char user[CREDENTIAL_USER], pass[CREDENTIAL_PASS];
	size_t user_len, pass_len;
};

/* False, *c untouched, when either is too long or holds a NUL (RFC 4616 2). */
bool credential_set(struct credential *c, struct view user, struct view pass);

/* Both parts are there. */
bool credential_is_set(const struct credential *c);

struct view credential_user(const struct credential *c);
struct view credential_pass(const struct credential *c);

/* Overwrite it; {0} again. */
void credential_wipe(struct credential *c);

#endif
