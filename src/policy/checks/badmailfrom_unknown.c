/* badmailfrom_unknown - refuse the envelope senders listed in qmail-ldap's
 * control/badmailfrom-unknown from clients whose address has no name in the DNS: those of domains
 * that send from well-kept hosts only.  Not asked of relay clients. */
#include "policy/listed.h"

static void
explain(const struct question *q, struct ruling *why)
{
	struct str text = { 0 };

	str_append_text(&text, "sorry, your mail from a host [");
	str_append(&text, q->tools->ip);
	str_append_text(&text, "] without valid reverse DNS was administratively denied");
	why->reply = (struct reply) { 553, arena_copy(q->tools->mem, str_view(&text)),
		VIEW("5.7.1") };
	str_free(&text);
}

enum verdict
check_badmailfrom_unknown(const struct question *q, struct ruling *why)
{
	enum verdict verdict;

	if (address_is_null(q->sender) ||
	    (q->tools->host.len && !view_equal_nocase(q->tools->host, VIEW("unknown"))))
		return VERDICT_PASS;
	verdict = listed_address(q->list, q->sender, why);
	if (verdict == VERDICT_REJECT)
		explain(q, why);
	return verdict;
}
