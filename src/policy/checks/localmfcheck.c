/* localmfcheck - in whose name may a relay client send?  s/qmail's LOCALMFCHECK (inbound 5.7):
 *
 *   empty   the sender's domain is one of rcpthosts
 *   !       what control/mailfromrules.cdb says (checks/mailfromrules.c)
 *   =       it is the user who has logged in, or whom IDENT names
 *   ?       it is the e-mail address of the client's certificate
 *   domain  it is of this domain
 *
 * The null sender passes.  Asked at RCPT. */
#include "policy/listed.h"

static bool
is_line(struct view lines, struct view text)
{
	struct view line;

	while (view_cut(lines, '\n', &line, &lines))
		if (view_equal_nocase(line, text))
			return true;
	return false;
}

static enum answer
is_allowed(const struct question *q, const char *rule, struct ruling *why)
{
	struct view sender = q->sender->whole, wanted = view_of(rule);
	bool allowed;

	if (wanted.len == 0)
		return listed_sender_is_ours(q, &why->problem);
	if (view_equal(wanted, VIEW("=")))
		allowed = q->tools->has_info && view_equal_nocase(q->tools->info, sender);
	else if (view_equal(wanted, VIEW("?")))
		allowed = is_line(q->tools->emails, sender);
	else
		allowed =
		    q->sender->has_at && view_equal_nocase(q->sender->domain, wanted);
	return allowed ? ANSWER_YES : ANSWER_NO;
}

enum verdict
check_localmfcheck(const struct question *q, struct ruling *why)
{
	const char *rule = q->list->value;

	if (address_is_null(q->sender) || (rule[0] == '!' && rule[1] == '\0'))
		return VERDICT_PASS;
	switch (is_allowed(q, rule, why)) {
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
