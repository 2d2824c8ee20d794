/* masquerade - with indimail's MASQUERADE, who has logged in may send in that name, or in the one that
 * the variable says; an empty one allows any.  (indimail itself, with virtual domains, binds users
 * to their names where it is not set, too.)  Asked at MAIL. */
#include "policy/check.h"

/* The domain's case does not matter. */
static bool
is_same(const struct address *sender, struct view name)
{
	struct address other = address_of(name);

	return sender->has_at == other.has_at && view_equal(sender->local, other.local) &&
	    view_equal_nocase(sender->domain, other.domain);
}

enum verdict
check_masquerade(const struct question *q, struct ruling *why)
{
	struct view other = view_of(q->list->value);

	if (!q->tools->has_user || is_same(q->sender, q->tools->info) ||
	    is_same(q->sender, other))
		return VERDICT_PASS;
	why->reply = reply_named(REPLY_NOT_THE_USER);
	return VERDICT_REJECT;
}
