/* settings - what control files and environment say about a session.  What qmail reads at the start
 * is read at the start, because a bad file is 421 instead of the greeting (inbound 2.3); what is
 * read when it is first needed says so here. */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "config/dialect.h"
#include "config/limits.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "policy/policy.h"
#include "server/authrules.h"
#include "smtp/dotstream.h"

struct settings {
	const char *program; /* "qmail-smtpd", for the log */
	bool strict;         /* stock's behaviour only (inbound 0.5) */
	enum dialect dialect;
	int log_level;       /* smtpdlog, $SMTPDLOG */
	struct str name;     /* what HELO and QUIT answer: smtpgreeting, else me */
	struct str banner;   /* what 220 says: the name, " ESMTP" */
	struct str own_host; /* localiphost, else me; only if has_own_host */
	bool has_own_host;
	uint64_t timeout;   /* timeoutsmtpd, seconds, at least 1 */
	uint64_t databytes; /* 0 is no limit */
	const char
	    *relay_client; /* $RELAYCLIENT, appended to recipients; NULL: not set */
	struct policy policy;
	struct auth_rules auth;
	uint64_t
	    auth_guesses; /* control/authguesses: failures before the session is ended */
	struct limits limits;
	bool enhanced_codes; /* enhancedcodes, $ENHANCEDCODES: RFC 2034 */
	bool submission;     /* submission, $SUBMISSION: TLS and AUTH for every sender */
};

/* The log level alone, for a problem met before or while reading the rest. */
int settings_log_level(void);

/* Read all of the above.  The current directory must be the home.  ANSWER_YES, or ANSWER_ERROR with
 * `problem`. */
enum answer settings_read(
    struct settings *s, int argc, char **argv, struct problem *problem);
/* The same for QMTP and QMQP, which have neither a greeting nor AUTH: without the names, which may be
 * missing, as in qmail.  `is_trusted`, QMQP: everything is taken; no list of hosts or senders is read, no
 * suffix added, and only $DATABYTES is a limit. */
enum answer settings_read_plain(
    struct settings *s, const char *program, bool is_trusted, struct problem *problem);
/* The variables have changed: read databytes and the files of checks that qmail lacks again.
 * ANSWER_YES, or ANSWER_ERROR with `problem`. */
enum answer settings_reread(struct settings *s, struct problem *problem);
void settings_free(struct settings *s);

/* databytes, $DATABYTES.  ANSWER_YES or ANSWER_ERROR. */
enum answer settings_read_databytes(struct settings *s, struct problem *problem);

/* barecr and barelf, $ALLOW_BARELF: read when the first DATA comes.  ANSWER_YES or ANSWER_ERROR. */
enum answer settings_read_data_rules(
    const struct settings *s, struct dotstream *rules, struct problem *problem);

/* rfcorder, $RFCORDER: HELO first, and one MAIL in a transaction (RFC 5321 4.1.4); read when the
 * first MAIL comes.  ANSWER_YES or ANSWER_NO: is it on?  ANSWER_ERROR with `problem`. */
enum answer settings_read_rfc_order(const struct settings *s, struct problem *problem);

#endif
