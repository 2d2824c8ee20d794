#include "server/blackhole.h"

#include "server/log.h"
#include "server/session.h"

/* False if the list cannot be read, which is answered. */
static bool
look_up(struct session *s, enum namelist_id id, const struct address *address,
    bool *is_listed)
{
	struct ruling where = { .check = "blackhole" };
	enum answer found;

	*is_listed = false;
	if (s->settings->strict || s->settings->dialect != DIALECT_INDIMAIL)
		return true;
	found = policy_has_name(&s->settings->policy, id, address, &where);
	if (found == ANSWER_ERROR) {
		session_no_controls(s, &where.problem);
		return false;
	}
	*is_listed = found == ANSWER_YES;
	if (*is_listed)
		server_log_by(s, "the mail is taken, and thrown away", &where);
	return true;
}

bool
blackhole_accepts_mail(struct session *s)
{
	return look_up(s, NAMELIST_BLACKHOLEDSENDER, &s->transaction.sender,
	    &s->transaction.is_dropped);
}

bool
blackhole_accepts_rcpt(struct session *s, bool *drops)
{
	return look_up(s, NAMELIST_BLACKHOLEDRCPT, &s->recipient, drops);
}

bool
blackhole_drops_message(const struct session *s)
{
	const struct transaction *t = &s->transaction;

	return t->is_dropped || (t->count == 0 && t->rcpt_dropped > 0);
}
