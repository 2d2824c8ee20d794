/* maxrcptcount - qmail-ldap's name of maxrcpt, with its reply: MAXRCPTCOUNT recipients in a message,
 * and no more. */
#include "policy/check.h"

enum verdict
check_maxrcptcount(const struct question *q, struct ruling *why)
{
	if (q->list->number == 0 || q->tools->recipients < q->list->number)
		return VERDICT_PASS;
	reply_set(&why->reply, 553, "5.7.1", "sorry, too many recipients");
	return VERDICT_REJECT;
}
