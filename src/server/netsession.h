/* netsession - the session of qmail-qmtpd and of qmail-qmqpd: messages as netmail.h takes them apart,
 * through the same policy, limits, queue program and log as those of SMTP. */
#ifndef SERVER_NETSESSION_H
#define SERVER_NETSESSION_H

#include "server/session.h"

enum netsession_exit { /* as in qmail */
	NETSESSION_DONE =
	    0, /* also when the client has gone in the middle of a message */
	NETSESSION_MALFORMED = 100,
	NETSESSION_TROUBLE = 111,
};

/* A session that session_start() has set up, to its end; session_end() comes next. */
enum netsession_exit netsession_run(struct session *s, enum session_protocol protocol);

/* The whole of a program: qmail-qmtpd or qmail-qmqpd.  Its exit status. */
int netsession_main(const char *program, enum session_protocol protocol);

#endif
