/* sasl_client - the client's side of the AUTH mechanisms, without the wire: what to say to which
 * challenge.  To add one: its row in sasl_client.c, its file, its test. */
#ifndef AUTH_SASL_CLIENT_H
#define AUTH_SASL_CLIENT_H

#include <stdbool.h>

#include "auth/credential.h"
#include "lib/str.h"
#include "lib/view.h"

/* In the order in which they are tried (outbound 3.5). */
enum sasl_mechanism { SASL_CRAM_MD5, SASL_PLAIN, SASL_LOGIN, SASL_MECHANISMS };

/* As it stands in AUTH, in upper case. */
const char *sasl_name(enum sasl_mechanism mechanism);
/* False, *out untouched, for one that we do not know. */
bool sasl_by_name(struct view name, enum sasl_mechanism *out);

/* Does the password stay secret from who hears the exchange?  A 535 then may mean that the server
 * cannot check this mechanism, and the next one may be tried (outbound 3.5). */
bool sasl_hides_password(enum sasl_mechanism mechanism);

struct sasl_client {
	enum sasl_mechanism mechanism;
	const struct credential *credential;
	unsigned answered; /* challenges so far */
};

void sasl_start(struct sasl_client *c, enum sasl_mechanism mechanism,
    const struct credential *credential);

/* Append what may be sent along with the AUTH command.  False: this mechanism waits for the
 * server's challenge.  Not base64 yet; wipe `out` after use. */
bool sasl_initial(const struct sasl_client *c, struct str *out);

/* Append the response to a (decoded) challenge.  False: the mechanism has nothing more to say. */
bool sasl_respond(struct sasl_client *c, struct view challenge, struct str *out);

#endif
