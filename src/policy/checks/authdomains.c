/* authdomains - mail from the senders that indimail's control/authdomains lists is taken from those
 * who may relay or have logged in only: user@host, or host or @host for everybody there.  Asked at
 * MAIL. */
#include "policy/listed.h"

enum verdict
check_authdomains(const struct question *q, struct ruling *why)
{
	enum verdict verdict = VERDICT_PASS;

	if (q->tools->has_user || address_is_null(q->sender))
		return VERDICT_PASS;
	verdict = listed_address(q->list, q->sender, why);
	if (verdict == VERDICT_PASS && q->sender->has_at)
		verdict = listed_name(q->list, q->sender->domain, why);
	if (verdict == VERDICT_REJECT)
		reply_set(
		    &why->reply, 530, "5.7.1", "authentication required for local users");
	return verdict;
}
