/* maxrecipients - s/qmail's and indimail's name of maxrcpt, with their replies: indimail's says never,
 * the others later. */
#include "policy/check.h"

enum verdict
check_maxrecipients(const struct question *q, struct ruling *why)
{
	if (q->list->number == 0 || q->tools->recipients < q->list->number)
		return VERDICT_PASS;
	if (q->dialect == DIALECT_INDIMAIL) {
		reply_set(&why->reply, 557, "5.7.1", "sorry, too many recipients");
		return VERDICT_REJECT;
	}
	why->reply = reply_named(REPLY_TOO_MANY_RECIPIENTS);
	return VERDICT_DEFER;
}
