/* nullenvsender - a bounce goes to whoever sent the message, so it has one recipient; the next one is
 * refused.  On without its file in the dialects indimail and ldap. */
#include "policy/check.h"

enum verdict
check_nullenvsender(const struct question *q, struct ruling *why)
{
	if (q->list->number == 0 || !address_is_null(q->sender) ||
	    q->tools->recipients == 0)
		return VERDICT_PASS;
	reply_set(&why->reply, 553, "5.7.1",
	    "sorry, bounce messages should have a single envelope recipient");
	return VERDICT_REJECT;
}
