/* badmailfrom - refuse the envelope senders listed in control/badmailfrom.
 *
 * A line is user@host, or @host for everyone there; case does not matter.  Asked at RCPT,
 * not at MAIL, as qmail has always done: so the log can say who missed the message.  The null
 * sender matches no line, because a list has no empty ones: bounces are never refused by name. */
#include "policy/check.h"

enum verdict
check_badmailfrom(const struct question *q, struct ruling *why)
{
	const struct address *sender = q->sender;
	struct view host =
	    view_from(sender->whole, sender->local.len); /* "@" and domain */
	struct domainmap_hit hit;

	if (!domainmap_find(&q->list->names, sender->whole, &hit) &&
	    !domainmap_find(&q->list->names, host, &hit))
		return VERDICT_PASS;
	reply_set(&why->reply, 553, "5.7.1",
	    "sorry, your envelope sender is in my badmailfrom list");
	why->line = hit.line;
	return VERDICT_REJECT;
}
