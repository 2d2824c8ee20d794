/* badrcpttonorelay - refuse the recipients that a regular expression of control/badrcpttonorelay
 * applies to, unless the client may relay: what the outside has no business with. */
#include "policy/listed.h"

enum verdict
check_badrcpttonorelay(const struct question *q, struct ruling *why)
{
	enum verdict verdict = listed_address(q->list, q->recipient, why);

	if (verdict != VERDICT_REJECT)
		return verdict;
	reply_set(
	    &why->reply, 553, "5.7.1", "sorry, your envelope recipient has been denied");
	return verdict;
}
