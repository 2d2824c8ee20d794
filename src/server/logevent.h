/* logevent - something that happened in a session, with all that a line of the log may say of it.
 * logentry.c and log.c fill it in; the dialects in logdialect/ make lines of it. */
#ifndef SERVER_LOGEVENT_H
#define SERVER_LOGEVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/log.h"
#include "lib/view.h"
#include "policy/check.h"
#include "server/transaction.h"

enum logevent_kind {
	LOGEVENT_CONNECT,  /* a client is here, and will be greeted */
	LOGEVENT_GREETING, /* it is to wait for the greeting: seconds */
	LOGEVENT_COMMAND,  /* a command was answered: verb, code */
	LOGEVENT_TLS,      /* a handshake ended: result, proto, cipher, reason */
	LOGEVENT_AUTH,     /* an AUTH exchange ended: result, login, mechanism, reason */
	LOGEVENT_SENDER,   /* MAIL was accepted */
	LOGEVENT_RCPT,     /* a recipient was */
	LOGEVENT_ACCEPT,   /* a message was: qp, octets */
	LOGEVENT_REFUSE,   /* a command or a message was refused: why */
	LOGEVENT_SPF,      /* what SPF says: result, term, reason */
	LOGEVENT_DNSCHECK, /* what another check in the DNS says: check, result, host, reason */
	LOGEVENT_END, /* the session ended otherwise than by QUIT: reason */
};

/* What the client was about. */
enum logevent_place {
	LOGEVENT_ELSEWHERE,
	LOGEVENT_AT_MAIL,
	LOGEVENT_AT_RCPT,
	LOGEVENT_AT_DATA, /* a whole message, of `transaction` */
};

/* All views may be empty.  What is from outside may hold any byte. */
struct logevent {
	enum logevent_kind kind;
	enum logevent_place place;
	const struct log *log; /* program, session id, the client's address */
	uint64_t pid;
	int64_t now; /* seconds since 1970 */

	/* The session. */
	struct view remote_host, remote_info, remote_port;
	struct view local, local_ip, local_port;
	struct view helo;
	struct view user, method; /* who has logged in, and how: "PLAIN" */
	bool is_relay_client;
	bool has_tls, is_implicit_tls,
	    is_verified; /* is_verified: the client's certificate */
	struct view proto, cipher;
	uint64_t ms; /* since the client came; of a message, since its MAIL */

	/* The transaction. */
	struct view sender, recipient; /* of the command, or the message's (its first) */
	const struct transaction *transaction; /* LOGEVENT_AT_DATA */
	enum logevent_local {
		LOCAL_UNKNOWN,
		LOCAL_NO,
		LOCAL_YES
	} is_local; /* rcpthosts */
	const char
	    *known_by; /* the check that knew the recipient; NULL: none was asked */
	bool passed_spf;

	/* What happened. */
	const struct ruling *why;
	struct view rule; /* the line of why->file that decided; may be empty */
	const char *check, *result;
	struct view login, mechanism, reason, term, host, verb;
	unsigned code;
	uint64_t qp, octets, seconds;

	/* What the variables of a dialect ask for; not set for the project's own lines. */
	bool wants_rule;             /* LOGREGEX */
	bool wants_mail, wants_rcpt; /* QMAILSMTPD_LOG_MAIL, QMAILSMTPD_LOG_RCPT */
	uint64_t level;              /* LOGLEVEL */
	struct view identity;        /* CHKUSER_IDENTIFY */
};

#endif
