/* cram - CRAM-MD5 (RFC 2195). */
#ifndef AUTH_CRAM_H
#define AUTH_CRAM_H

#include "auth/credential.h"
#include "lib/str.h"
#include "lib/view.h"

/* Append the user name, a space, and HMAC-MD5 of the challenge under the password in lower case
 * hexadecimal. */
void cram_md5_response(
    const struct credential *c, struct view challenge, struct str *out);

#endif
