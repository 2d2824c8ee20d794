#include "server/mfcheck.h"

#include "config/control.h"
#include "server/log.h"
#include "server/session.h"

enum {
	LEVEL_LOG_PASSES = 3, /* what is refused is in the log at any level */
	PATIENCE = 20,        /* seconds for all questions */
};

/* A double bounce's sender: no domain, and no mistake (inbound 5.4). */
static bool
is_exempt(const struct address *sender)
{
	return address_is_null(sender) || view_equal(sender->whole, VIEW("#@[]"));
}

/* "MX 0 .": there is no mail in this domain (RFC 7505). */
static bool
is_null_mx(const struct dns_answer *mx)
{
	size_t i;

	for (i = 0; i < mx->count; i++)
		if (mx->records[i].name.len > 0)
			return false;
	return true;
}

enum answer
mfcheck_exists(struct session *s, struct view domain)
{
	const struct dns_question questions[] = { { domain, DNS_MX }, { domain, DNS_A },
		{ domain, DNS_AAAA } };
	struct dns_answer answers[3];
	struct ip ip;

	if (ip_parse_literal(domain, &ip))
		return ANSWER_YES;
	if (domain.len == 0 || domain.len > DNS_NAME_OCTETS)
		return ANSWER_NO;
	resolver_ask(session_resolver(s), questions, 3,
	    deadline_sooner(s->end, deadline_in(PATIENCE)), &s->scratch, answers);
	if (answers[0].result == DNS_FOUND)
		return is_null_mx(&answers[0]) ? ANSWER_NO : ANSWER_YES;
	if (answers[0].result == DNS_FAILED) /* it might be a null MX */
		return ANSWER_ERROR;
	if (answers[1].result == DNS_FOUND || answers[2].result == DNS_FOUND)
		return ANSWER_YES;
	return answers[1].result == DNS_FAILED || answers[2].result == DNS_FAILED
	    ? ANSWER_ERROR
	    : ANSWER_NO;
}

static bool
refuse(struct session *s, enum reply_name name)
{
	struct ruling why = {
		.reply = reply_named(name), .check = "mfcheck", .file = "control/mfcheck"
	};

	session_refuse_with(s, &why);
	return false;
}

bool
mfcheck_accepts_mail(struct session *s)
{
	const struct address *sender = &s->transaction.sender;
	struct session_mfcheck *check = &s->mfcheck;
	struct problem problem;

	if (s->settings->strict)
		return true;
	if (!check->known &&
	    control_number_env("control/mfcheck", "MFCHECK", &check->level, &problem) ==
		ANSWER_ERROR) {
		session_no_controls(s, &problem);
		return false;
	}
	check->known = true;
	if (check->level == 0 || s->relay_client || s->auth.done || is_exempt(sender))
		return true;
	switch (sender->has_at ? mfcheck_exists(s, sender->domain) : ANSWER_NO) {
	case ANSWER_NO:
		return refuse(s, REPLY_NO_SENDER_DOMAIN);
	case ANSWER_ERROR:
		return refuse(s, REPLY_DNS_FAILURE);
	case ANSWER_YES:
		break;
	}
	if (check->level >= LEVEL_LOG_PASSES)
		server_log_dnscheck(s, "mfcheck", "pass", sender->domain, VIEW(""));
	return true;
}
