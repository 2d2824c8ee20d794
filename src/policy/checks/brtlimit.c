/* brtlimit - end the session of a client that has named too many recipients that do not exist.
 *
 * control/brtlimit, or $BRTLIMIT, is how many it may name (inbound 5.8); 0 is no limit.  The first
 * recipient beyond them, good or bad, is answered 421. */
#include "policy/check.h"

enum verdict
check_brtlimit(const struct question *q, struct ruling *why)
{
	if (q->list->number == 0 || q->refused < q->list->number)
		return VERDICT_PASS;
	reply_set(&why->reply, 421, "4.3.0", "too many invalid addresses, goodbye");
	return VERDICT_CLOSE;
}
