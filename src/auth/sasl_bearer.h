/* sasl_bearer - OAUTHBEARER (RFC 7628) and Google's older XOAUTH2: an access token in place of the
 * password.  A server that refuses it says why in a challenge, which wants an answer, and only then
 * the reply. */
#ifndef AUTH_SASL_BEARER_H
#define AUTH_SASL_BEARER_H

#include <stdint.h>

#include "auth/credential.h"
#include "lib/str.h"
#include "lib/view.h"

/* Append "n,a=USER,^Ahost=HOST^Aport=PORT^Aauth=Bearer TOKEN^A^A" (^A is octet 1). */
void sasl_oauthbearer_message(
    const struct credential *c, struct view host, uint16_t port, struct str *out);
/* Append "user=USER^Aauth=Bearer TOKEN^A^A". */
void sasl_xoauth2_message(const struct credential *c, struct str *out);

#endif
