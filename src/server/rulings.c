#include "server/rulings.h"

#include "server/clientcert.h"
#include "server/sessionreply.h"

/* The client's certificate may make it a relay client; then the checks are asked anew. */
static bool
is_excused(struct session *s, enum check_moment moment, const struct address *recipient,
    struct ruling *why)
{
	struct problem problem;

	switch (why->is_for_relaying ? clientcert_relays(s, why, &problem) : ANSWER_NO) {
	case ANSWER_YES:
		/* some of the lists of senders are for relay clients only */
		return rulings_allow(s, AT_SENDER, &s->transaction.sender, recipient) &&
		    rulings_allow(s, moment, &s->transaction.sender, recipient);
	case ANSWER_ERROR:
		session_no_controls(s, &problem);
		return false;
	case ANSWER_NO:
		break;
	}
	session_refuse_with(s, why);
	return false;
}

/* A ruling that ends the session. */
static void
close_for(struct session *s, const struct ruling *why)
{
	if (why->problem.what) {
		session_no_controls(s, &why->problem);
		return;
	}
	session_refuse_with(s, why);
	session_close(s, why->check);
}

static struct check_tools
tools_of(struct session *s)
{
	/* It is made only where there is a program that wants it. */
	struct env_list *environment =
	    env_value("RCPTCHECK") ? session_environment(s) : NULL;

	return (struct check_tools) { .helo = str_view(&s->helo),
		.said_helo = s->said_helo,
		.ip = s->peer->ip,
		.host = s->peer->host,
		.info = s->auth.done ? str_view(&s->auth.user) : s->peer->info,
		.has_info = s->auth.done || s->peer->has_info,
		.has_user = s->auth.done,
		.local = s->peer->local_host,
		.local_ip = s->peer->local_ip,
		.emails =
		    s->tls.facts.verified ? str_view(&s->tls.facts.emails) : VIEW(""),
		.recipients = s->transaction.count + s->transaction.rcpt_dropped,
		.rcpt_commands = s->transaction.rcpt_commands,
		.is_sender_okay = s->transaction.is_sender_okay,
		.log = &s->log,
		.rcpt = &s->rcpt,
		.environment = environment,
		.program_seconds = s->settings->limits.program,
		.mem = &s->scratch };
}

bool
rulings_allow(struct session *s, enum check_moment moment, const struct address *sender,
    const struct address *recipient)
{
	struct policy *policy = &s->settings->policy;
	struct ruling why;
	enum verdict verdict;

	policy->tools = tools_of(s);
	if (policy->tools.environment)
		session_sigterm_kills(s, true);
	verdict =
	    policy_ask(policy, moment, s->relay_client != NULL, sender, recipient, &why);
	if (policy->tools.environment)
		session_sigterm_kills(s, false);
	switch (verdict) {
	case VERDICT_PASS:
	case VERDICT_KNOWN:
		if (why.note)
			log_warning(&s->log, why.note, recipient->whole);
		s->known_by = why.check;
		return true;
	case VERDICT_CLOSE:
		close_for(s, &why);
		return false;
	case VERDICT_REJECT:
	case VERDICT_DEFER:
		break;
	}
	if (why.note)
		log_warning(&s->log, why.note, recipient->whole);
	return is_excused(s, moment, recipient, &why);
}

static bool
is_fine(struct session *s, enum check_moment moment)
{
	return rulings_allow(s, moment, &s->transaction.sender, &s->recipient);
}

bool
rulings_accept_helo(struct session *s)
{
	return is_fine(s, AT_HELO);
}

bool
rulings_accept_sender(struct session *s)
{
	return is_fine(s, AT_SENDER);
}

bool
rulings_accept_recipient(struct session *s)
{
	return is_fine(s, AT_RECIPIENT);
}

bool
rulings_accept_host(struct session *s)
{
	return is_fine(s, AT_HOSTS);
}

bool
rulings_accept_mailbox(struct session *s)
{
	return is_fine(s, AT_MAILBOX);
}

bool
rulings_accept_search(struct session *s)
{
	return is_fine(s, AT_SEARCH);
}

bool
rulings_accept_number(struct session *s)
{
	return is_fine(s, AT_COUNT);
}
