/* sasl_client - the client's side of the AUTH mechanisms, without the wire: what to say to which
 * challenge.  To add one: its row in sasl_client.c, its file, its test. */
#ifndef AUTH_SASL_CLIENT_H
#define AUTH_SASL_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/credential.h"
#include "auth/scram.h"
#include "lib/str.h"
#include "lib/view.h"

/* In the order in which they are tried (outbound 3.5). */
enum sasl_mechanism {
	SASL_OAUTHBEARER,
	SASL_XOAUTH2,
	SASL_SCRAM_SHA_256,
	SASL_CRAM_MD5,
	SASL_PLAIN,
	SASL_LOGIN,
	SASL_MECHANISMS
};

/* As it stands in AUTH, in upper case. */
const char *sasl_name(enum sasl_mechanism mechanism);
/* False, *out untouched, for one that we do not know. */
bool sasl_by_name(struct view name, enum sasl_mechanism *out);

/* Can it be done with this credential?  A token is for some, a password for the others. */
bool sasl_is_for(enum sasl_mechanism mechanism, const struct credential *credential);

/* Does the password stay secret from who hears the exchange?  A 535 then may mean that the server
 * cannot check this mechanism, and the next one may be tried (outbound 3.5). */
bool sasl_hides_password(enum sasl_mechanism mechanism);
/* Must a challenge be base64?  Those of the others are text of any kind, or not looked at. */
bool sasl_needs_challenge(enum sasl_mechanism mechanism);

/* Who is asked to let us in, and by whom. */
struct sasl_setting {
	const struct credential *credential;
	struct view host; /* the relay, as the route names it */
	uint16_t port;
	unsigned char random[SCRAM_NONCE]; /* fresh */
};

struct sasl_client {
	enum sasl_mechanism mechanism;
	const struct sasl_setting *setting;
	unsigned
	    answered; /* challenges so far; the initial response is the first answer */
	struct scram scram;
};

void sasl_start(struct sasl_client *c, enum sasl_mechanism mechanism,
    const struct sasl_setting *setting);
void sasl_end(struct sasl_client *c);

/* Append what may be sent along with the AUTH command.  False: this mechanism waits for the
 * server's challenge.  Not base64 yet; wipe `out` after use. */
bool sasl_initial(struct sasl_client *c, struct str *out);
/* It was sent along: the next challenge is another one. */
void sasl_initial_sent(struct sasl_client *c);

/* Append the response to a (decoded) challenge; it may be empty.  False: the mechanism has nothing
 * more to say, or the server has broken its rules. */
bool sasl_respond(struct sasl_client *c, struct view challenge, struct str *out);

/* The server has accepted: has it also shown what the mechanism wants of it? */
bool sasl_is_satisfied(const struct sasl_client *c);
/* Has the server shown that it is somebody else?  It must not see the password by another mechanism. */
bool sasl_is_deceived(const struct sasl_client *c);

#endif
