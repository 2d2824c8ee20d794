/* badhelonorelay - refuse clients that may not relay and call themselves what a regular expression
 * of control/badhelonorelay applies to: our own name, a bare address.  The name is what is looked
 * at; sagredo's patch looks at the last address (D20). */
#include "policy/listed.h"

enum verdict
check_badhelonorelay(const struct question *q, struct ruling *why)
{
	enum verdict verdict = VERDICT_PASS;

	if (q->tools->said_helo)
		verdict = listed_name(q->list, q->tools->helo, why);
	if (verdict != VERDICT_REJECT)
		return verdict;
	reply_set(
	    &why->reply, 553, "5.7.1", "sorry, your HELO host name has been denied");
	return verdict;
}
