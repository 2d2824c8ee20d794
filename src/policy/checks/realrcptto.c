/* realrcptto - refuse who would find no mailbox here, as qmail-local would (inbound 6.2).
 *
 * control/realrcptto, or $REALRCPTTO, is 0: off; 1: on; 2: on, and "later" instead of yes where
 * qmail-rcpt, which finds out, may not look into a home.  Without an answer from it: "later". */
#include "policy/check.h"
#include "wire/rcpt.h"

enum { DEFER_UNREADABLE = 2 };

static enum verdict
defer(const struct rcpt_client *rcpt, struct ruling *why)
{
	reply_set(&why->reply, 451, "4.3.0", "unable to verify recipient");
	why->note = str_text(&rcpt->reason);
	return VERDICT_DEFER;
}

enum verdict
check_realrcptto(const struct question *q, struct ruling *why)
{
	struct rcpt_client *rcpt = q->tools->rcpt;

	if (q->list->number == 0)
		return VERDICT_PASS;
	switch (rcpt_ask(rcpt, q->recipient->whole)) {
	case RCPT_YES:
		return VERDICT_KNOWN;
	case RCPT_UNREADABLE:
		if (q->list->number >= DEFER_UNREADABLE)
			return defer(rcpt, why);
		why->note = str_text(&rcpt->reason);
		return VERDICT_PASS;
	case RCPT_UNKNOWN:
		return defer(rcpt, why);
	case RCPT_NO:
		break;
	}
	reply_set(&why->reply, 550, "5.1.1", "sorry, no mailbox here by that name.");
	return VERDICT_REJECT;
}
