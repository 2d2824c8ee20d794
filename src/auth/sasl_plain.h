/* sasl_plain - PLAIN (RFC 4616), with an empty authorization identity. */
#ifndef AUTH_SASL_PLAIN_H
#define AUTH_SASL_PLAIN_H

#include "auth/credential.h"
#include "lib/str.h"

/* Append NUL user NUL password. */
void sasl_plain_message(const struct credential *c, struct str *out);

#endif
