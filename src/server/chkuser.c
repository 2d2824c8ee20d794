#include "server/chkuser.h"

#include "lib/env.h"
#include "lib/scan.h"
#include "server/chkuserform.h"
#include "server/chkuserreplies.h"
#include "server/clientcert.h"
#include "server/delay.h"
#include "server/log.h"
#include "server/maildomain.h"
#include "server/session.h"
#include "server/sessionreply.h"

/* --- settings ------------------------------------------------------------------------------------- */

static enum chkuser_start
read_start(const struct session *s)
{
	const char *value = env_value("CHKUSER_START");
	struct view text = view_of(value);

	if (!value || text.len == 0 || view_equal_nocase(text, VIEW("NONE")))
		return CHKUSER_NONE;
	if (view_equal_nocase(text, VIEW("ALWAYS")))
		return CHKUSER_ALWAYS;
	if (view_equal_nocase(text, VIEW("DOMAIN")))
		return CHKUSER_DOMAIN;
	log_warning(
	    &s->log, "CHKUSER_START is neither ALWAYS nor DOMAIN nor NONE: off", text);
	return CHKUSER_NONE;
}

static uint64_t
number_of(const char *variable)
{
	uint64_t number = 0;

	scan_u64(view_of(env_value(variable)), &number);
	return number;
}

static void
learn(struct session *s)
{
	struct session_chkuser *c = &s->chkuser;
	const char *off = env_value("CHKUSER_DISABLE_VARIABLE");

	if (c->known)
		return;
	*c = (struct session_chkuser) { .known = true, .start = read_start(s) };
	if (off && *off && !view_equal(view_of(off), VIEW("RELAYCLIENT")))
		c->off_variable = off;
	c->rcpt_limit = number_of("CHKUSER_RCPTLIMIT");
	c->wrong_limit = number_of("CHKUSER_WRONGRCPTLIMIT");
	c->quota_percent = number_of("CHKUSER_MBXQUOTA");
	if (c->quota_percent > UINT32_MAX)
		c->quota_percent = 0;
}

/* Who logs in becomes a relay client in the middle of the session. */
static bool
is_on(struct session *s)
{
	const struct session_chkuser *c = &s->chkuser;

	if (s->settings->strict)
		return false;
	learn(s);
	if (c->start == CHKUSER_NONE)
		return false;
	return c->off_variable ? !env_value(c->off_variable) : !s->relay_client;
}

/* --- refusals ------------------------------------------------------------------------------------- */

/* Each refusal is answered later than the one before. */
static bool
refuse_with(struct session *s, const struct ruling *why)
{
	const uint64_t delay = s->settings->limits.chkuser_delay_ms;
	uint64_t refusals = s->chkuser.refusals++;

	if (delay <= INT32_MAX && refusals <= INT32_MAX)
		delay_refusal(s, delay + delay * 3 / 10 * refusals);
	else
		delay_refusal(s, delay);
	session_refuse_with(s, why);
	return false;
}

static bool
refuse(struct session *s, enum chkuser_refusal refusal)
{
	struct ruling why = chkuserreplies_of(refusal);

	return refuse_with(s, &why);
}

/* One more who does not exist, here and for brtlimit. */
static bool
refuse_wrong(struct session *s, enum chkuser_refusal refusal)
{
	struct session_chkuser *c = &s->chkuser;

	s->settings->policy.refused++;
	if (++c->wrong >= c->wrong_limit && c->wrong_limit)
		c->is_intruder = true;
	return refuse(s, refusal);
}

static bool
may_send(struct session *s)
{
	return s->settings->strict || s->relay_client || !env_value("CHKUSER_MUSTAUTH") ||
	    refuse(s, CHKUSER_MUST_AUTH);
}

/* --- addresses ------------------------------------------------------------------------------------ */

/* Can mail go to the domain? */
static bool
has_mx(struct session *s, struct view domain, enum chkuser_refusal refusal)
{
	switch (maildomain_exists(s, domain)) {
	case ANSWER_YES:
		return true;
	case ANSWER_NO:
		return refuse(s, refusal);
	case ANSWER_ERROR:
		break;
	}
	return refuse(s, CHKUSER_DNS);
}

/* --- the sender ----------------------------------------------------------------------------------- */

static bool
is_exempt(const struct address *sender)
{
	const char *variable = env_value("CHKUSER_SENDER_NOCHECK_VARIABLE");

	return address_is_null(sender) ||
	    (env_value("CHKUSER_DOUBLEBOUNCE") &&
		view_equal(sender->whole, VIEW("#@[]"))) ||
	    (variable && env_value(variable));
}

bool
chkuser_accepts_mail(struct session *s)
{
	const struct address *sender = &s->transaction.sender;

	if (!may_send(s))
		return false;
	if (!is_on(s) || s->relay_client || is_exempt(sender))
		return true;
	if (!env_value("CHKUSER_SENDER_FORMAT_NOCHECK") && !chkuserform_is_good(sender))
		return refuse(s, CHKUSER_SENDER_FORM);
	return env_value("CHKUSER_SENDER_MX_NOCHECK") ||
	    has_mx(s, sender->domain, CHKUSER_SENDER_MX);
}

/* --- the recipient -------------------------------------------------------------------------------- */

/* A client with a certificate may be excused, as where rcpthosts alone refuses. */
static bool
refuse_relaying(struct session *s)
{
	struct ruling why = chkuserreplies_of(CHKUSER_NO_RELAY);
	struct problem problem;

	switch (clientcert_relays(s, &why, &problem)) {
	case ANSWER_YES:
		return true;
	case ANSWER_NO:
		return refuse_with(s, &why);
	case ANSWER_ERROR:
		break;
	}
	session_no_controls(s, &problem);
	return false;
}

static bool
accepts_elsewhere(struct session *s)
{
	struct problem problem;

	switch (policy_takes_host(&s->settings->policy, &s->recipient, &problem)) {
	case ANSWER_YES:
		return true;
	case ANSWER_ERROR:
		session_no_controls(s, &problem);
		return false;
	case ANSWER_NO:
		break;
	}
	if (!env_value("CHKUSER_RCPT_MX_NOCHECK") &&
	    !has_mx(s, s->recipient.domain, CHKUSER_RCPT_MX))
		return false;
	return s->relay_client || refuse_relaying(s);
}

bool
chkuser_accepts_host(struct session *s)
{
	struct session_chkuser *c = &s->chkuser;
	const struct address *recipient = &s->recipient;

	if (!may_send(s))
		return false;
	if (!is_on(s))
		return true;
	if (c->is_intruder)
		return refuse(s, CHKUSER_INTRUDER);
	if (++c->recipients >= c->rcpt_limit && c->rcpt_limit) {
		c->is_intruder = true;
		return refuse(s, CHKUSER_TOO_MANY);
	}
	if (recipient->domain.len == 0) /* RFC 5321 2.3.5: the postmaster needs none */
		return address_is_postmaster(recipient) ||
		    refuse_wrong(s, CHKUSER_NO_DOMAIN);
	if (!env_value("CHKUSER_RCPT_FORMAT_NOCHECK") && !chkuserform_is_good(recipient))
		return refuse(s, CHKUSER_RCPT_FORM);
	return accepts_elsewhere(s);
}

static void
log_reason(struct session *s)
{
	log_warning(&s->log, str_text(&s->rcpt.reason), s->recipient.whole);
}

static enum rcpt_mailbox
ask(struct session *s)
{
	const struct session_chkuser *c = &s->chkuser;
	const struct rcpt_mailbox_question question = {
		.address = s->recipient.whole,
		.rules = (c->start == CHKUSER_DOMAIN ? RCPT_BOUNCING_ONLY : 0U) |
		    (env_value("CHKUSER_ENABLE_USERS_EXTENSIONS") ? RCPT_EXTENSIONS : 0U),
		.percent = (uint32_t)c->quota_percent,
	};

	return rcpt_ask_mailbox(&s->rcpt, &question);
}

bool
chkuser_accepts_user(struct session *s)
{
	struct policy *policy = &s->settings->policy;

	if (!is_on(s) || address_is_postmaster(&s->recipient) ||
	    (policy->known_by && !s->chkuser.quota_percent))
		return true;
	switch (ask(s)) {
	case RCPT_MAILBOX_NONE:
		return policy->known_by || refuse_wrong(s, CHKUSER_NO_MAILBOX);
	case RCPT_MAILBOX_FULL:
		return refuse(s, CHKUSER_FULL);
	case RCPT_MAILBOX_UNKNOWN:
		log_reason(s);
		return policy->known_by || refuse(s, CHKUSER_LATER);
	case RCPT_MAILBOX_UNREADABLE:
		log_reason(s);
		return true;
	case RCPT_MAILBOX_FOUND:
		policy->known_by = "chkuser";
		return true;
	case RCPT_MAILBOX_ELSEWHERE:
	case RCPT_MAILBOX_ANY:
		break;
	}
	return true;
}
