/* validrcptto_cdb - take mail only for the recipients in control/validrcptto.cdb (inbound 6.1, jms1's
 * form).  rcptlist.h says what its keys are.
 *
 * A client that has named $VALIDRCPTTO_LIMIT others is sent away at the next recipient. */
#include "policy/check.h"
#include "policy/rcptlist.h"

enum verdict
check_validrcptto_cdb(const struct question *q, struct ruling *why)
{
	if (q->list->limit && q->list->refused >= q->list->limit) {
		reply_set(
		    &why->reply, 421, "4.3.0", "too many invalid addresses, goodbye");
		return VERDICT_CLOSE;
	}
	switch (rcptlist_find(q->list, RCPTLIST_PLAIN, q->recipient, &why->problem)) {
	case ANSWER_YES:
		return VERDICT_KNOWN;
	case ANSWER_ERROR:
		return VERDICT_CLOSE;
	case ANSWER_NO:
		break;
	}
	reply_set(&why->reply, 553, "5.7.1",
	    "sorry, this recipient is not in my validrcptto list");
	return VERDICT_REJECT;
}
