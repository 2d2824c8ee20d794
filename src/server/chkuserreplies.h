/* chkuserreplies - why chkuser refuses, in its own words: those of the reply, and those of its log. */
#ifndef SERVER_CHKUSERREPLIES_H
#define SERVER_CHKUSERREPLIES_H

#include "policy/check.h"

enum chkuser_refusal {
	CHKUSER_SENDER_FORM,
	CHKUSER_SENDER_MX,
	CHKUSER_DNS, /* it could not be found out whether mail can go to a domain */
	CHKUSER_MUST_AUTH,
	CHKUSER_TOO_MANY, /* recipients in this session */
	CHKUSER_INTRUDER, /* a limit was reached before */
	CHKUSER_NO_DOMAIN,
	CHKUSER_RCPT_FORM,
	CHKUSER_RCPT_MX,
	CHKUSER_NO_RELAY,
	CHKUSER_NO_MAILBOX,
	CHKUSER_FULL,
	CHKUSER_LATER, /* it could not be found out whether there is a mailbox */
};

/* Its texts are literals. */
struct ruling chkuserreplies_of(enum chkuser_refusal refusal);

#endif
