/* answer - what a token server says, in JSON (RFC 6749 5.1, 5.2).  All of it comes from outside. */
#ifndef OAUTH_ANSWER_H
#define OAUTH_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

enum {
	OAUTH_ANSWER_MAX = 65536,     /* octets of an answer */
	OAUTH_LIFETIME = 300,         /* seconds, of a token whose answer does not say */
	OAUTH_LIFETIME_MAX = 2592000, /* what we believe */
};

struct oauth_answer {
	struct str token;        /* access token */
	struct str refreshtoken; /* a new one; empty: the old one stays */
	uint64_t lifetime;       /* seconds */
	struct str refusal;      /* why there is no token: one printable line */
};

/* `code` is that of HTTP.  True: there is a token, and *out is filled in; else its `refusal` is, with
 * the server's own words where it had some.  {0} is empty. */
bool answer_parse(long code, struct view body, struct oauth_answer *out);
void answer_free(struct oauth_answer *answer); /* wipes the tokens */

#endif
