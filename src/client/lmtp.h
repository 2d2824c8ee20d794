/* lmtp - one message to one recipient by LMTP (RFC 2033): SMTP without a queue behind it, so that the
 * answer to the message is that of the mailbox. */
#ifndef CLIENT_LMTP_H
#define CLIENT_LMTP_H

#include <stdint.h>

#include "client/session.h"
#include "lib/str.h"
#include "lib/view.h"

enum lmtp_result {
	LMTP_DELIVERED,
	LMTP_REFUSED, /* for good */
	LMTP_LATER,
};

struct lmtp {
	const char *place; /* for reports */
	struct view helo;  /* who we are */
	struct view sender, recipient;
	struct view
	    first_line; /* to put before the message, with its LF; empty: nothing */
	int message;    /* from where that stands */
};

/* Deliver over a session that has just begun, and close it.  What happened is appended to *report: a line
 * of ours, and the server's words. */
enum lmtp_result lmtp_deliver(
    const struct lmtp *lmtp, struct session *s, struct str *report);

#endif
