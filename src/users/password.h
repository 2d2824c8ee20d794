/* password - hashes by crypt(3) of libxcrypt.  One computation of yescrypt takes 16 MB. */
#ifndef USERS_PASSWORD_H
#define USERS_PASSWORD_H

#include <stdbool.h>

#include "lib/answer.h"
#include "lib/str.h"
#include "lib/view.h"

enum { PASSWORD_MAX = 256 }; /* octets; a name and it fit into checkpassword's 512 */

/* Does `password` have this hash?  ANSWER_ERROR, with errno: it could not be computed, for lack of
 * memory (ENOMEM) or because crypt(3) does not know this kind (EINVAL). */
enum answer password_has_hash(const char *password, const char *hash);

/* Is it a hash of a kind that crypt(3) can compute? */
bool password_is_known_kind(const char *hash);

/* Replace *hash by a new one of the preferred kind, yescrypt.  0, or -1 with errno. */
int password_hash(const char *password, struct str *hash);

#endif
