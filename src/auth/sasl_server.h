/* sasl_server - the server's side of an AUTH exchange, PLAIN, LOGIN and CRAM-MD5 (inbound 4.2.3 to
 * 4.2.8; RFC 4954, 4616, 2195): what to ask next, and at the end what to give the checker.  Pure:
 * reads no clock, no descriptor. */
#ifndef AUTH_SASL_SERVER_H
#define AUTH_SASL_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

enum sasl_mechanism { SASL_PLAIN, SASL_LOGIN, SASL_CRAM_MD5, SASL_MECHANISMS };

/* "PLAIN", "LOGIN", "CRAM-MD5"; without regard to case.  False for any other. */
bool sasl_mechanism_of(struct view name, enum sasl_mechanism *out);
const char *sasl_mechanism_name(enum sasl_mechanism mechanism);

enum sasl_step {
	SASL_ASK,       /* send "334 " and `challenge`, read a line */
	SASL_COMPLETE,  /* user, second and third are for checkpassword_run() */
	SASL_CANCELED,  /* the client sent "*" */
	SASL_MALFORMED, /* bad base64, an empty line, an empty user or password */
};

/* What a CRAM-MD5 challenge is made of; the random octets are what makes it fresh (D26). */
struct sasl_nonce {
	int64_t now;
	int64_t pid;
	uint8_t random[16];
	struct view host;
	bool
	    challenge_first; /* third and second swapped: the order of AUTH patch 0.31 (D27) */
	bool
	    split_at_first; /* of the answer "user digest": jms1 splits at the first space */
};

struct sasl_server {
	enum sasl_mechanism mechanism;
	struct sasl_nonce nonce;
	int stage;
	struct str challenge;           /* base64, for the 334 line */
	struct str clear;               /* CRAM-MD5: the challenge as sent, decoded */
	struct str user, second, third; /* decoded */
};

/* Begin.  `initial` is the initial response ("=" is an empty one), NULL if there is none. */
enum sasl_step sasl_server_start(struct sasl_server *s, enum sasl_mechanism mechanism,
    const struct sasl_nonce *nonce, const struct view *initial);

/* Go on with a line from the client, its line end removed. */
enum sasl_step sasl_server_line(struct sasl_server *s, struct view line);

/* Wipe and free.  {0} is valid. */
void sasl_server_end(struct sasl_server *s);

#endif
