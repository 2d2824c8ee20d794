/* antispoofing - with indimail's switch ANTISPOOFING, mail in the name of a domain of rcpthosts is
 * taken from those who may relay or have logged in only.  Asked at MAIL. */
#include "policy/listed.h"

enum verdict
check_antispoofing(const struct question *q, struct ruling *why)
{
	if (q->tools->has_user || !q->sender->has_at || !q->hosts->present)
		return VERDICT_PASS;
	switch (listed_host(q->hosts, q->sender->domain, &why->problem)) {
	case ANSWER_NO:
		return VERDICT_PASS;
	case ANSWER_ERROR:
		return VERDICT_CLOSE;
	case ANSWER_YES:
		break;
	}
	reply_set(&why->reply, 530, "5.7.1", "authentication required for local users");
	return VERDICT_REJECT;
}
