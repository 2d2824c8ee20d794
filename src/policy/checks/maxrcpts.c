/* maxrcpts - mailfront's name of maxrcpt, with a reply that says later. */
#include "policy/check.h"

enum verdict
check_maxrcpts(const struct question *q, struct ruling *why)
{
	if (q->list->number == 0 || q->tools->recipients < q->list->number)
		return VERDICT_PASS;
	why->reply = reply_named(REPLY_TOO_MANY_RECIPIENTS);
	return VERDICT_DEFER;
}
