/* badhelo - refuse clients that call themselves what control/badhelo lists: names, or patterns in
 * other dialects.  Asked at RCPT.
 *
 * In s/qmail's dialect HELOCHECK must be set, and a line "name!" is good whatever else is listed.
 * There a client must say HELO, and the value says what is asked besides the list: "." refuses an
 * empty name, "!" does that alone, "=" refuses a name that is not the client's. */
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

static bool
is_refused_by_sqmail(const struct question *q, struct ruling *why)
{
	if (is_bad_greeting(q)) {
		why->file = "HELOCHECK";
		return true;
	}
	if (*q->list->mode == '!' || listed_affixed(q->list, "", q->tools->helo, "!"))
		return false;
	why->line = listed_name(q->list, q->tools->helo);
	return why->line > 0;
}

enum verdict
check_badhelo(const struct question *q, struct ruling *why)
{
	if (q->dialect == DIALECT_SQMAIL) {
		if (!is_refused_by_sqmail(q, why))
			return VERDICT_PASS;
		reply_set(&why->reply, 550, "5.7.1", "sorry, invalid HELO/EHLO greeting");
		return VERDICT_REJECT;
	}
	why->line = q->tools->said_helo ? listed_name(q->list, q->tools->helo) : 0;
	if (!why->line)
		return VERDICT_PASS;
	reply_set(&why->reply, 553, "5.7.1",
	    q->dialect == DIALECT_INDIMAIL
		? "sorry, your HELO/EHLO greeting is in my badhelo list"
		: "sorry, your HELO host name has been denied");
	return VERDICT_REJECT;
}
