/* mailfromrules - in whose name may which relay client send?  With LOCALMFCHECK=! s/qmail's
 * control/mailfromrules.cdb says (policy/senderrules.h).  Without that file the sender's domain must
 * be one of rcpthosts.  The null sender passes.  Asked at RCPT. */
#include "policy/listed.h"
#include "policy/senderrules.h"

static enum answer
is_allowed(const struct question *q, struct ruling *why)
{
	struct senderrules_client client = { q->tools->ip, q->tools->host, q->tools->info,
		q->tools->has_info };

	if (check_list_is_broken(q->list, &why->problem))
		return ANSWER_ERROR;
	if (q->list->more)
		return senderrules_allow(
		    q->list->more, &client, q->sender->whole, &why->problem);
	return listed_sender_is_ours(q, &why->problem);
}

enum verdict
check_mailfromrules(const struct question *q, struct ruling *why)
{
	if (address_is_null(q->sender))
		return VERDICT_PASS;
	switch (is_allowed(q, why)) {
	case ANSWER_YES:
		return VERDICT_PASS;
	case ANSWER_ERROR:
		return VERDICT_CLOSE;
	case ANSWER_NO:
		break;
	}
	why->reply = reply_named(REPLY_INVALID_SENDER);
	return VERDICT_REJECT;
}
