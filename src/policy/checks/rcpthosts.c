/* rcpthosts - take mail for the domains in control/rcpthosts and control/morercpthosts.cdb only.
 *
 * A line is a domain, or .domain for everything below it; case does not matter (inbound 3.3).
 * An address without '@' is local and always passes.  Not asked for relay clients. */
#include "lib/str.h"
#include "policy/check.h"

/* The whole domain, then each part of it that starts with a dot, in the cdb file. */
static enum answer
is_in_cdb(const struct check_list *list, struct view domain, struct problem *problem)
{
	enum answer found = ANSWER_NO;
	struct str lower = { 0 };
	struct view rest;

	*problem = list->broken;
	if (list->broken.what || !list->more)
		return list->broken.what ? ANSWER_ERROR : ANSWER_NO;
	str_append_lower(&lower, domain);
	rest = str_view(&lower);
	while (rest.len > 0 && found == ANSWER_NO) {
		struct view after = view_from(rest, 1);

		found = cdbmap_find(list->more, rest, NULL, problem);
		rest = view_from(after, view_index(after, '.'));
	}
	str_free(&lower);
	return found;
}

enum verdict
check_rcpthosts(const struct question *q, struct ruling *why)
{
	struct view domain = q->recipient->domain;
	enum answer found;

	if (!q->recipient->has_at || domainmap_find_suffix(&q->list->names, domain, NULL))
		return VERDICT_PASS;
	found = is_in_cdb(q->list, domain, &why->problem);
	if (found == ANSWER_YES)
		return VERDICT_PASS;
	if (found == ANSWER_ERROR)
		return VERDICT_CLOSE;
	reply_set(&why->reply, 553, "5.7.1",
	    "sorry, that domain isn't in my list of allowed rcpthosts");
	return VERDICT_REJECT;
}
