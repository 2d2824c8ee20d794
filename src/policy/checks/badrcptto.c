/* badrcptto - refuse the recipients listed in control/badrcptto: user@host, or @host for everybody
 * there; in other dialects a line may be a pattern.  A relay client is refused, too. */
#include "policy/listed.h"

enum verdict
check_badrcptto(const struct question *q, struct ruling *why)
{
	enum verdict verdict = listed_address(q->list, q->recipient, why);

	if (verdict != VERDICT_REJECT)
		return verdict;
	reply_set(&why->reply, 553, "5.7.1",
	    q->dialect == DIALECT_SAGREDO || q->dialect == DIALECT_JMS1
		? "sorry, your envelope recipient has been denied"
		: "sorry, your envelope recipient is in my badrcptto list");
	return verdict;
}
