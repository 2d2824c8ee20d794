/* rejectrelaytest - refuse recipients whose local part has an '@', '%' or '!' in it, with which old
 * hosts were asked to relay (inbound 3.1.13).  Relay clients too. */
#include "policy/check.h"

enum verdict
check_rejectrelaytest(const struct question *q, struct ruling *why)
{
	struct view local = q->recipient->local;

	if (q->list->number == 0 ||
	    (view_index(local, '@') == local.len && view_index(local, '%') == local.len &&
		view_index(local, '!') == local.len))
		return VERDICT_PASS;
	reply_set(&why->reply, 553, "5.7.1", "we don't relay");
	return VERDICT_REJECT;
}
