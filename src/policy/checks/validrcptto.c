/* validrcptto - the recipients that control/validrcptto and control/morevalidrcptto.cdb name
 * (inbound 6.1, sagredo's form): user@domain or @domain, refused with a '-' in front.
 *
 * The address decides before its domain, and yes before no.  Who is not named at all is left to the
 * other checks.  In the cdb the lines are keys in lower case, without data. */
#include "lib/str.h"
#include "policy/check.h"

/* `key` is in lower case. */
static enum answer
is_listed(const struct check_list *list, struct view key, struct ruling *why)
{
	struct domainmap_hit hit;

	if (domainmap_find(&list->names, key, &hit)) {
		why->line = hit.line;
		return ANSWER_YES;
	}
	why->problem = list->broken;
	if (list->broken.what || !list->more)
		return list->broken.what ? ANSWER_ERROR : ANSWER_NO;
	return cdbmap_find(list->more, key, NULL, &why->problem);
}

/* What the lists say about `name`; VERDICT_PASS: nothing. */
static enum verdict
verdict_on(const struct check_list *list, struct view name, struct ruling *why)
{
	struct str key = { 0 };
	enum answer listed, refused = ANSWER_NO;

	str_append_byte(&key, '-');
	str_append_lower(&key, name);
	listed = is_listed(list, view_from(str_view(&key), 1), why);
	if (listed == ANSWER_NO)
		refused = is_listed(list, str_view(&key), why);
	str_free(&key);
	if (listed == ANSWER_ERROR || refused == ANSWER_ERROR)
		return VERDICT_CLOSE;
	if (listed == ANSWER_YES)
		return VERDICT_KNOWN;
	return refused == ANSWER_YES ? VERDICT_REJECT : VERDICT_PASS;
}

enum verdict
check_validrcptto(const struct question *q, struct ruling *why)
{
	struct view whole = q->recipient->whole;
	enum verdict verdict = verdict_on(q->list, whole, why);

	if (verdict == VERDICT_PASS && q->recipient->has_at)
		verdict =
		    verdict_on(q->list, view_from(whole, q->recipient->local.len), why);
	if (verdict == VERDICT_REJECT)
		reply_set(&why->reply, 553, "5.7.1",
		    "sorry, this recipient is not in my validrcptto list");
	return verdict;
}
