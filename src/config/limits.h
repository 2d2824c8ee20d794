/* limits - the maxima of the suite (DESIGN 4): compiled in, adjustable in control/limits, one
 * "name:number" a line. */
#ifndef CONFIG_LIMITS_H
#define CONFIG_LIMITS_H

#include <stdint.h>

#include "lib/answer.h"
#include "lib/problem.h"

/* name in the file, default, what it bounds */
#define LIMITS(X)                                                                                 \
	X(command_line, 4096) /* octets of an SMTP command with its line end */                   \
	X(auth_line, 12288)   /* octets of a line of an AUTH exchange */                          \
	X(recipients, 10000)  /* accepted in one transaction */                                   \
	X(envelope, 8388608)  /* octets of one transaction's addresses */                         \
	X(auth_delay_ms,                                                                          \
	    5000) /* milliseconds, times the failures so far, before a failed AUTH is answered */ \
	X(chkuser_delay_ms,                                                                       \
	    1000) /* milliseconds before a refusal by CHKUSER_START; 3/10 more each time */       \
	X(errors, 100)      /* 5xx replies of a session, RCPT's not counted; then 421 */          \
	X(session, 86400)   /* seconds of an SMTP session */                                      \
	X(reply_lines, 100) /* lines of one reply of a remote server */                           \
	X(reply_octets, 65536) /* octets of one reply of a remote server */                       \
	X(dns_questions, 200)  /* of one session or delivery */                                   \
	X(mx_addresses, 50)    /* tried in one delivery */                                        \
	X(delivery, 14400)     /* seconds of one delivery */                                      \
	X(tls_sessions,                                                                           \
	    10) /* that a child of resident qmail-tls serves before it ends */                    \
	X(tls_children, 40)       /* of resident qmail-tls, at most */                            \
	X(helper_start_ms, 10000) /* milliseconds to reach or start a helper */                   \
	X(program, 60)            /* seconds of $RCPTCHECK, a plugin, and the like */             \
	X(state_bytes, 67108864)  /* octets of the store of qmail-state */                        \
	X(token_ms, 30000) /* milliseconds of one request to an OAuth 2 token server */           \
	X(sts_ms, 60000)   /* milliseconds of one request to an MTA-STS policy host */            \
	X(sts_domains, 10000) /* in the cache of MTA-STS policies */

#define LIMITS_FIELD(name, value) uint64_t name;
struct limits {
	LIMITS(LIMITS_FIELD)
};
#undef LIMITS_FIELD

/* The compiled-in values, as changed by control/limits.  ANSWER_YES, or ANSWER_ERROR with
 * `problem` for an unreadable file, an unknown name or a value that is no number; *out is then
 * untouched.  An absent file changes nothing. */
enum answer limits_read(struct limits *out, struct problem *problem);

/* The compiled-in values. */
struct limits limits_default(void);

#endif
