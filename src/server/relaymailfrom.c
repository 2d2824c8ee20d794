#include "server/relaymailfrom.h"

#include "server/log.h"
#include "server/session.h"

static void
tell_once(struct session *s, const struct ruling *where)
{
	if (s->warned_relaymailfrom)
		return;
	s->warned_relaymailfrom = true;
	server_log_by(s,
	    "the envelope sender alone, which anybody can forge, lets the client relay",
	    where);
}

bool
relaymailfrom_accepts_mail(struct session *s)
{
	struct transaction *t = &s->transaction;
	struct ruling where = { .check = "relaymailfrom" };

	if (s->settings->strict || s->relay_client || address_is_null(&t->sender) ||
	    (t->spf && t->spf->result != SPF_PASS))
		return true;
	switch (policy_has_name(
	    &s->settings->policy, NAMELIST_RELAYMAILFROM, &t->sender, &where)) {
	case ANSWER_NO:
		return true;
	case ANSWER_ERROR:
		session_no_controls(s, &where.problem);
		return false;
	case ANSWER_YES:
		break;
	}
	t->relays = true;
	s->relay_client = "";
	tell_once(s, &where);
	return true;
}

void
relaymailfrom_forget(struct session *s)
{
	if (s->transaction.relays)
		s->relay_client = NULL;
	s->transaction.relays = false;
}
