/* renew - a token for a name: the last one while it is good, else a new one from the token server.
 *
 * A token is renewed when three quarters of its time are over; if that fails, it serves to its end.
 * One that a mail server refused is renewed at once, but no more than once a minute.  After a failure
 * the token server is left alone for half a minute, then twice as long each time up to an hour, unless
 * the admin changes a file of control/oauth/NAME. */
#ifndef OAUTH_RENEW_H
#define OAUTH_RENEW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/log.h"
#include "lib/str.h"
#include "lib/view.h"
#include "oauth/keep.h"
#include "wire/token.h"

struct renew_question {
	struct token_question question;
	bool anew; /* whatever there is: the admin wants to see it work */
	int64_t timeout_ms;
};

/* What a choice depends on. */
struct renew_facts {
	const struct token_kept *kept;      /* NULL: none */
	const struct keep_failure *failure; /* NULL: the last renewal did not fail */
	uint64_t changed;    /* when the admin changed the settings; seconds since 1970 */
	struct view refused; /* as in a question */
	uint64_t now;
};

enum renew_choice {
	RENEW_USE,   /* the kept one */
	RENEW_FETCH, /* a new one; if there is none, the kept one if renew_may_use() */
	RENEW_WAIT,  /* nobody: the server was asked a moment ago */
};

enum renew_choice renew_choose(const struct renew_facts *facts);
/* Is the kept one valid, and not the one refused? */
bool renew_may_use(const struct renew_facts *facts);
/* Seconds to leave the token server alone. */
uint64_t renew_pause(uint64_t failures);

/* True: *token is replaced, and if `lifetime` is not NULL, *lifetime is how many seconds it has left.
 * False: *reason is replaced by one printable line.  What a fetch came to is logged. */
bool renew_token(const struct renew_question *question, const struct log *log,
    struct str *token, uint64_t *lifetime, struct str *reason);

#endif
