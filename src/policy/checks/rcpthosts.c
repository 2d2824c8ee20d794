/* rcpthosts - take mail for the domains in control/rcpthosts and control/morercpthosts.cdb only.
 *
 * A line is a domain, or .domain for everything below it; case does not matter (inbound 3.3).
 * An address without '@' is local and always passes.  Not asked for relay clients. */
#include "policy/listed.h"

enum verdict
check_rcpthosts(const struct question *q, struct ruling *why)
{
	enum answer found;

	if (!q->recipient->has_at)
		return VERDICT_PASS;
	found = listed_host(q->list, q->recipient->domain, &why->problem);
	if (found == ANSWER_YES)
		return VERDICT_PASS;
	if (found == ANSWER_ERROR)
		return VERDICT_CLOSE;
	reply_set(&why->reply, 553, "5.7.1",
	    "sorry, that domain isn't in my list of allowed rcpthosts");
	return VERDICT_REJECT;
}
