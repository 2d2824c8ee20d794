#include "server/chkuserreplies.h"

struct ruling
chkuserreplies_of(enum chkuser_refusal refusal)
{
	static const struct {
		unsigned code;
		const char *text, *reason;
	} rows[] = {
		[CHKUSER_SENDER_FORM] = { 553,
		    "5.1.7 sorry, sender syntax not allowed (chkuser)",
		    "invalid sender address format" },
		[CHKUSER_SENDER_MX] = { 550,
		    "5.1.8 sorry, can't find a valid MX for sender domain (chkuser)",
		    "invalid sender MX domain" },
		[CHKUSER_DNS] = { 451, "4.4.0 DNS temporary failure (chkuser)",
		    "temporary DNS problem" },
		[CHKUSER_MUST_AUTH] = { 530, "5.7.0 Authentication required (chkuser)",
		    "sender not authenticated/authorized" },
		[CHKUSER_TOO_MANY] = { 550,
		    "5.5.3 sorry, reached maximum number of recipients allowed in one "
		    "session (chkuser)",
		    "max number of recipients" },
		[CHKUSER_INTRUDER] = { 550,
		    "5.7.1 sorry, you are violating our security policies (chkuser)",
		    "rcpt ignored, session over intrusion threshold" },
		[CHKUSER_NO_DOMAIN] = { 550,
		    "5.1.2 sorry, you must specify a domain (chkuser)", "no domain" },
		[CHKUSER_RCPT_FORM] = { 553,
		    "5.1.3 sorry, rcpt syntax not allowed (chkuser)",
		    "invalid rcpt address format" },
		[CHKUSER_RCPT_MX] = { 550,
		    "5.1.2 sorry, can't find a valid MX for rcpt domain (chkuser)",
		    "invalid rcpt MX domain" },
		[CHKUSER_NO_RELAY] = { 553,
		    "5.7.1 sorry, that domain isn't in my list of allowed rcpthosts "
		    "(chkuser)",
		    "client not allowed to relay" },
		[CHKUSER_NO_MAILBOX] = { 550,
		    "5.1.1 sorry, no mailbox here by that name (chkuser)",
		    "not existing recipient" },
		[CHKUSER_FULL] = { 552,
		    "5.2.2 sorry, recipient mailbox is full (chkuser)",
		    "rcpt mailbox is overquota" },
		[CHKUSER_LATER] = { 451,
		    "4.3.0 system temporary unavailable, try again later (chkuser)",
		    "no auth resource available" },
	};
	struct ruling why = { .check = "chkuser",
		.file =
		    refusal == CHKUSER_MUST_AUTH ? "CHKUSER_MUSTAUTH" : "CHKUSER_START",
		.reason = rows[refusal].reason };

	reply_set(&why.reply, rows[refusal].code, NULL, rows[refusal].text);
	return why;
}
