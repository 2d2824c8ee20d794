/* gs2 - how SCRAM and OAUTHBEARER write a user's name: "," as "=2C" and "=" as "=3D" (RFC 5801 4,
 * RFC 5802 5.1). */
#ifndef AUTH_GS2_H
#define AUTH_GS2_H

#include "lib/str.h"
#include "lib/view.h"

void gs2_append_name(struct str *out, struct view name);

#endif
