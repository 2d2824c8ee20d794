/* badmailfromnorelay - refuse the envelope senders that a regular expression of
 * control/badmailfromnorelay applies to, unless the client may relay.  For names of our own that
 * strangers use. */
#include "policy/listed.h"

enum verdict
check_badmailfromnorelay(const struct question *q, struct ruling *why)
{
	enum verdict verdict;

	if (address_is_null(q->sender))
		return VERDICT_PASS;
	verdict = listed_address(q->list, q->sender, why);
	if (verdict != VERDICT_REJECT)
		return verdict;
	reply_set(
	    &why->reply, 553, "5.7.1", "sorry, your envelope sender has been denied");
	return verdict;
}
