/* rejectnullsenders - take no bounces for a while, say because somebody has sent with our names.
 * Asked at MAIL; the session ends. */
#include "policy/check.h"

enum verdict
check_rejectnullsenders(const struct question *q, struct ruling *why)
{
	if (q->list->number == 0 || !address_is_null(q->sender))
		return VERDICT_PASS;
	reply_set(&why->reply, 421, "4.3.0", "null senders temporarily denied");
	return VERDICT_CLOSE;
}
