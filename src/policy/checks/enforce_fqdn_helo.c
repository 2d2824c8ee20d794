/* enforce_fqdn_helo - indimail's switch ENFORCE_FQDN_HELO: a client that may not relay must call
 * itself a name with a dot, or an address.  Asked at RCPT. */
#include "policy/check.h"

enum verdict
check_enforce_fqdn_helo(const struct question *q, struct ruling *why)
{
	struct view helo = q->tools->helo;

	if (!q->tools->said_helo || view_index(helo, '.') < helo.len ||
	    view_index(helo, ':') < helo.len)
		return VERDICT_PASS;
	reply_set(&why->reply, 553, "5.7.1",
	    "sorry, your HELO/EHLO greeting is in my badhelo list");
	return VERDICT_REJECT;
}
