/* badhelo - refuse clients that call themselves what control/badhelo lists: names, or patterns in
 * other dialects.  Asked at RCPT.
 *
 * In s/qmail's dialect HELOCHECK must be set, and a line "name!" is good whatever else is listed.
 * There a client that may not relay must say HELO, and the value says what is asked besides the
 * list: "." refuses an empty name, "!" does that alone, "=" refuses a name that is not the client's.
 * What "A" and "M" ask the DNS is in server/helodns.c.
 *
 * In indimail's BADHELOCHECK or BADHELO must be set, and nobody but a relay client may have our own
 * name or address. */
#include "policy/listed.h"

static bool
is_bad_greeting(const struct question *q)
{
	const char *mode = q->list->mode;
	struct view helo = q->tools->helo;

	if (!q->tools->said_helo)
		return true;
	if ((*mode == '.' || *mode == '!') && helo.len == 0)
		return true;
	return *mode == '=' && !view_equal_nocase(helo, q->tools->host);
}

static enum verdict
judge_as_sqmail(const struct question *q, struct ruling *why)
{
	if (q->is_relay_client)
		return VERDICT_PASS;
	if (is_bad_greeting(q)) {
		why->file = "HELOCHECK";
		return VERDICT_REJECT;
	}
	if (*q->list->mode == '!' || listed_affixed(q->list, "", q->tools->helo, "!"))
		return VERDICT_PASS;
	return listed_name(q->list, q->tools->helo, why);
}

/* 192.0.2.1 or [192.0.2.1], and our name; the tools have empty ones if they do not know. */
static bool
is_our_name(const struct question *q)
{
	struct view helo = q->tools->helo, address = q->tools->local_ip;

	if (helo.len == 0 || q->is_relay_client)
		return false;
	if (helo.at[0] == '[' && helo.at[helo.len - 1] == ']')
		helo = view_from(view_first(helo, helo.len - 1), 1);
	return view_equal_nocase(helo, q->tools->local) ||
	    view_equal_nocase(helo, address);
}

static enum verdict
judge(const struct question *q, struct ruling *why)
{
	if (!q->tools->said_helo)
		return VERDICT_PASS;
	if (q->dialect == DIALECT_INDIMAIL && is_our_name(q)) {
		why->file = "BADHELOCHECK";
		return VERDICT_REJECT;
	}
	return listed_name(q->list, q->tools->helo, why);
}

enum verdict
check_badhelo(const struct question *q, struct ruling *why)
{
	bool is_sqmail = q->dialect == DIALECT_SQMAIL;
	enum verdict verdict = is_sqmail ? judge_as_sqmail(q, why) : judge(q, why);

	if (verdict != VERDICT_REJECT)
		return verdict;
	if (is_sqmail)
		reply_set(&why->reply, 550, "5.7.1", "sorry, invalid HELO/EHLO greeting");
	else if (q->dialect == DIALECT_INDIMAIL)
		reply_set(&why->reply, 553, "5.7.1",
		    "sorry, your HELO/EHLO greeting is in my badhelo list");
	else
		reply_set(&why->reply, 553, "5.7.1",
		    "sorry, your HELO host name has been denied");
	return verdict;
}
