/* realrcptto_cdb - take mail only for the recipients in control/realrcptto.cdb, a list of all there
 * are.  rcptlist.h says what its keys are.  Who is there need not be asked about any more. */
#include "policy/check.h"
#include "policy/rcptlist.h"

enum verdict
check_realrcptto_cdb(const struct question *q, struct ruling *why)
{
	switch (rcptlist_find(q->list, RCPTLIST_WILD, q->recipient, &why->problem)) {
	case ANSWER_YES:
		return VERDICT_KNOWN;
	case ANSWER_ERROR:
		return VERDICT_CLOSE;
	case ANSWER_NO:
		break;
	}
	reply_set(&why->reply, 550, "5.1.1", "sorry, no mailbox here by that name.");
	return VERDICT_REJECT;
}
