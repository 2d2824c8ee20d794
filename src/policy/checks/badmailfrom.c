/* badmailfrom - refuse the envelope senders listed in control/badmailfrom.
 *
 * A line is user@host, or @host for everyone there; case does not matter.  Asked at RCPT,
 * not at MAIL, as qmail has always done: so the log can say who missed the message.  The null
 * sender is never refused by name.
 *
 * In other dialects a line may be a pattern, and in s/qmail's (inbound 5.3):
 *
 *   ?user@host   the sender is good, whatever else is listed
 *   @host+       is refused unless it may relay
 *   @host-       is refused from a client without a name
 *   @host=       is refused from a client whose name does not end in host
 *   ~host        a client of that name, or below it, sends for itself only */
#include "policy/listed.h"

/* Is `name` the domain, or below it? */
static bool
is_within(struct view name, struct view domain)
{
	return view_ends_nocase(name, domain) &&
	    (name.len == domain.len || name.at[name.len - domain.len - 1] == '.');
}

/* The line "~host" that names the client, or what it is below, while the sender is of elsewhere. */
static size_t
line_of_stranger(const struct question *q)
{
	struct view rest = q->tools->host;

	for (;;) {
		size_t line = listed_affixed(q->list, "~", rest, "");

		if (line)
			return is_within(q->sender->domain, rest) ? 0 : line;
		if (!view_cut(rest, '.', &(struct view) { 0 }, &rest))
			return 0;
	}
}

/* "@host" with a condition behind it. */
static size_t
line_of_condition(const struct question *q)
{
	struct view domain = q->sender->domain, host = q->tools->host;
	size_t line = 0;

	if (!q->sender->has_at)
		return 0;
	if (!q->is_relay_client)
		line = listed_affixed(q->list, "@", domain, "+");
	if (!line && (host.len == 0 || view_equal_nocase(host, VIEW("unknown"))))
		line = listed_affixed(q->list, "@", domain, "-");
	if (!line && !is_within(host, domain))
		line = listed_affixed(q->list, "@", domain, "=");
	return line;
}

static enum verdict
judge_as_sqmail(const struct question *q, struct ruling *why)
{
	if (listed_affixed(q->list, "?", q->sender->whole, ""))
		return VERDICT_PASS;
	why->line = line_of_condition(q);
	if (!why->line)
		why->line = line_of_stranger(q);
	return why->line ? VERDICT_REJECT : listed_address(q->list, q->sender, why);
}

enum verdict
check_badmailfrom(const struct question *q, struct ruling *why)
{
	enum verdict verdict;

	if (address_is_null(q->sender))
		return VERDICT_PASS;
	verdict = q->dialect == DIALECT_SQMAIL ? judge_as_sqmail(q, why)
					       : listed_address(q->list, q->sender, why);
	if (verdict != VERDICT_REJECT)
		return verdict;
	reply_set(&why->reply, 553, "5.7.1",
	    q->dialect == DIALECT_SAGREDO || q->dialect == DIALECT_JMS1
		? "sorry, your envelope sender has been denied"
		: "sorry, your envelope sender is in my badmailfrom list");
	return verdict;
}
