/* session - `qmail-try session`: what qmail-smtpd would answer to a client, command by command, and which
 * rule decides.  The answers are those of qmail-smtpd's own functions; no message is taken. */
#ifndef TRY_SESSION_H
#define TRY_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/view.h"

struct try_session {
	const char
	    *rules; /* tcprules, text or .cdb; NULL: control/tcp.smtp.cdb or its text */
	struct view ip;     /* of the client */
	struct view host;   /* its name by DNS; empty: none */
	struct view helo;   /* empty: its address in brackets */
	struct view user;   /* it logs in as this one; empty: it does not */
	struct view size;   /* of the message, digits; empty: not said */
	struct view sender; /* empty: the null sender */
	char *const *recipients;
	size_t count;
	char **variables; /* "NAME=value", which tcpserver inherits */
	size_t variable_count;
	bool begins_tls; /* STARTTLS even if nobody logs in */
	bool asks_dns;
	int argc; /* of qmail-smtpd; 0: as if it had no arguments */
	char **argv;
};

/* Print all of it on standard output.  The current directory must be the home.  An exit status as in
 * try/route.h: TRY_OK if all recipients would be accepted. */
int try_session(const struct try_session *question);

#endif
