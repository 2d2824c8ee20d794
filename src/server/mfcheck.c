#include "server/mfcheck.h"

#include "config/control.h"
#include "server/log.h"
#include "server/maildomain.h"
#include "server/session.h"
#include "server/sessionreply.h"

enum { LEVEL_LOG_PASSES = 3 }; /* what is refused is in the log at any level */

/* A double bounce's sender: no domain, and no mistake (inbound 5.4). */
static bool
is_exempt(const struct address *sender)
{
	return address_is_null(sender) || view_equal(sender->whole, VIEW("#@[]"));
}

static enum answer
exists(struct session *s)
{
	const struct address *sender = &s->transaction.sender;

	return sender->has_at ? maildomain_exists(s, sender->domain) : ANSWER_NO;
}

static bool
refuse(struct session *s, enum reply_name name, const char *check, const char *file)
{
	struct ruling why = { .reply = reply_named(name), .check = check, .file = file };

	session_refuse_with(s, &why);
	return false;
}

/* Whose domain is not asked about: ANSWER_ERROR is answered here. */
static enum answer
is_excused(struct session *s)
{
	const struct address *sender = &s->transaction.sender;
	struct ruling why = { .check = "nodnscheck" };
	enum answer listed;

	if (s->relay_client || s->auth.done || is_exempt(sender))
		return ANSWER_YES;
	listed = policy_has_name(&s->settings->policy, NAMELIST_NODNSCHECK, sender, &why);
	if (listed == ANSWER_ERROR)
		session_no_controls(s, &why.problem);
	return listed;
}

/* --- control/mfcheck ------------------------------------------------------------------------------ */

static bool
knows_level(struct session *s)
{
	struct session_mfcheck *check = &s->mfcheck;
	struct problem problem;

	if (!check->known &&
	    control_number_env("control/mfcheck", "MFCHECK", &check->level, &problem) ==
		ANSWER_ERROR) {
		session_no_controls(s, &problem);
		return false;
	}
	check->known = true;
	return true;
}

static bool
accepts_by_level(struct session *s)
{
	switch (exists(s)) {
	case ANSWER_NO:
		return refuse(s, REPLY_NO_SENDER_DOMAIN, "mfcheck", "control/mfcheck");
	case ANSWER_ERROR:
		return refuse(s, REPLY_DNS_FAILURE, "mfcheck", "control/mfcheck");
	case ANSWER_YES:
		break;
	}
	if (s->mfcheck.level >= LEVEL_LOG_PASSES)
		server_log_dnscheck(
		    s, "mfcheck", "pass", s->transaction.sender.domain, VIEW(""));
	return true;
}

/* --- MFDNSCHECK ----------------------------------------------------------------------------------- */

static bool
is_asked_by_variable(const struct session *s)
{
	return env_value("MFDNSCHECK") &&
	    !policy_welcomes(&s->settings->policy, &s->transaction.sender);
}

static bool
accepts_by_variable(struct session *s)
{
	enum answer answer = exists(s);

	s->transaction.has_no_domain = answer == ANSWER_NO;
	if (answer == ANSWER_ERROR)
		return refuse(s, REPLY_DNS_FAILURE, "mfdnscheck", "MFDNSCHECK");
	return true;
}

bool
mfcheck_accepts_mail(struct session *s)
{
	bool by_level, by_variable;

	if (s->settings->strict)
		return true;
	if (!knows_level(s))
		return false;
	by_level = s->mfcheck.level > 0;
	by_variable = is_asked_by_variable(s);
	if (!by_level && !by_variable)
		return true;
	switch (is_excused(s)) {
	case ANSWER_YES:
		return true;
	case ANSWER_ERROR:
		return false;
	case ANSWER_NO:
		break;
	}
	return (!by_level || accepts_by_level(s)) &&
	    (!by_variable || accepts_by_variable(s));
}

bool
mfcheck_accepts_rcpt(struct session *s)
{
	struct ruling why = { .check = "mfdnscheck", .file = "MFDNSCHECK" };

	if (!s->transaction.has_no_domain || s->relay_client ||
	    policy_spares(&s->settings->policy, &s->recipient))
		return true;
	reply_set(&why.reply, 553, "5.7.1", "sorry, your envelope sender must exist");
	session_add_word(s, &why, "REPLY_SENDEREXIST");
	session_refuse_with(s, &why);
	return false;
}
