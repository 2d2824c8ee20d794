/* validrcptto - the recipients that control/validrcptto and control/morevalidrcptto.cdb name
 * (inbound 6.1, sagredo's form): user@domain or @domain, refused with a '-' in front.
 *
 * The address decides before its domain, and yes before no.  Who is not named at all is left to the
 * other checks.  In the cdb the lines are keys in lower case, without data. */
#include "lib/str.h"
#include "policy/check.h"

/* The address, refused, its domain, refused: in the order in which they decide. */
enum { KEYS = 4 };

struct keys {
	struct str address, host; /* in lower case, behind a '-' */
	struct view at[KEYS];
	size_t count;
};

static void
keys_make(struct keys *k, const struct address *recipient)
{
	*k = (struct keys) { .count = recipient->has_at ? KEYS : KEYS / 2 };
	str_append_byte(&k->address, '-');
	str_append_lower(&k->address, recipient->whole);
	str_append_byte(&k->host, '-');
	str_append_lower(&k->host, view_from(recipient->whole, recipient->local.len));
	k->at[0] = view_from(str_view(&k->address), 1);
	k->at[1] = str_view(&k->address);
	k->at[2] = view_from(str_view(&k->host), 1);
	k->at[3] = str_view(&k->host);
}

static void
keys_free(struct keys *k)
{
	str_free(&k->address);
	str_free(&k->host);
}

static enum answer
is_in_cdb(const struct check_list *list, struct view key, struct problem *problem)
{
	if (check_list_is_broken(list, problem))
		return ANSWER_ERROR;
	if (!list->more)
		return ANSWER_NO;
	return cdbmap_find(list->more, key, NULL, problem);
}

/* What the first of the keys that is listed says; VERDICT_PASS: none is. */
static enum verdict
verdict_on(const struct check_list *list, const struct keys *k, struct ruling *why)
{
	struct domainmap_hit hits[KEYS];
	enum answer listed;
	size_t i;

	domainmap_find_all(&list->names, k->at, k->count, hits);
	for (i = 0; i < k->count; i++) {
		listed =
		    hits[i].line ? ANSWER_YES : is_in_cdb(list, k->at[i], &why->problem);
		why->line = hits[i].line;
		if (listed == ANSWER_ERROR)
			return VERDICT_CLOSE;
		if (listed == ANSWER_YES)
			return i % 2 == 0 ? VERDICT_KNOWN : VERDICT_REJECT;
	}
	return VERDICT_PASS;
}

enum verdict
check_validrcptto(const struct question *q, struct ruling *why)
{
	enum verdict verdict;
	struct keys keys;

	keys_make(&keys, q->recipient);
	verdict = verdict_on(q->list, &keys, why);
	keys_free(&keys);
	if (verdict == VERDICT_REJECT)
		reply_set(&why->reply, 553, "5.7.1",
		    "sorry, this recipient is not in my validrcptto list");
	return verdict;
}
