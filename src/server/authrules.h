/* authrules - whether, when and how a session may authenticate: from the command line, $SMTPAUTH,
 * $FORCETLS and the dialect (inbound 1.1.3 to 1.1.5, 4.2.1). */
#ifndef SERVER_AUTHRULES_H
#define SERVER_AUTHRULES_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/checkprogram.h"
#include "auth/sasl_server.h"
#include "config/dialect.h"

struct auth_rules {
	struct checkprogram program;
	bool known;       /* a checker is named on the command line: AUTH is a verb */
	bool on;          /* it may be used */
	bool required;    /* MAIL needs it, whether it can be had or not */
	bool in_clear;    /* even where STARTTLS is offered and not used yet */
	bool only_in_tls; /* even where there is no STARTTLS */
	bool offers[SASL_MECHANISMS];
	bool twin; /* a second line "AUTH=..." in the reply to EHLO, for old clients */
	bool same_sender; /* the envelope sender must be the user ($FORCEAUTHMAILFROM) */
};

/* `argv` is main's and must outlive the rules; strict mode has no AUTH.  A submission service requires
 * it, and only inside TLS. */
void auth_rules_read(struct auth_rules *rules, int argc, char **argv,
    enum dialect dialect, bool strict, bool submission);

#endif
