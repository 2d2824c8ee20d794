/* sasl_login - LOGIN: the user name, then the password.  Never standardised, widely spoken; what
 * the challenges say is not looked at, because servers word them differently. */
#ifndef AUTH_SASL_LOGIN_H
#define AUTH_SASL_LOGIN_H

#include "auth/credential.h"
#include "lib/str.h"

/* Append the answer to challenge number 0 or 1. */
void sasl_login_response(const struct credential *c, unsigned challenge, struct str *out);

#endif
