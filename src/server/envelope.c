#include "server/envelope.h"

#include "os/os.h"
#include "policy/policy.h"
#include "server/authdialogue.h"
#include "server/blackhole.h"
#include "server/chkuser.h"
#include "server/clientcert.h"
#include "server/delay.h"
#include "server/log.h"
#include "server/ownip.h"
#include "server/relaymailfrom.h"
#include "smtp/params.h"

/* --- the address ---------------------------------------------------------------------------------- */

static void
no_own_addresses(struct session *s, const struct problem *problem)
{
	if (problem->what) {
		session_no_controls(s, problem);
		return;
	}
	session_reply(s, REPLY_NO_OWN_IP);
	session_close(s, "interfaces");
}

/* box@[one of our addresses] is box@localiphost.  False if that could not be found out. */
static bool
replace_literal(struct session *s, struct address *address)
{
	struct problem problem;
	struct str whole = { 0 };
	struct ip ip;

	if (!s->settings->has_own_host ||
	    !ownip_parse_literal(address->domain, s->settings->strict, &ip))
		return true;
	switch (ownip_has(&s->ownip, &ip, s->settings->strict, &problem)) {
	case ANSWER_ERROR:
		no_own_addresses(s, &problem);
		return false;
	case ANSWER_NO:
		return true;
	case ANSWER_YES:
		break;
	}
	str_append(&whole, address->local);
	str_append_byte(&whole, '@');
	str_append(&whole, str_view(&s->settings->own_host));
	*address = address_of(arena_copy(&s->scratch, str_view(&whole)));
	str_free(&whole);
	return true;
}

enum answer
envelope_address(
    struct session *s, struct view argument, struct address *address, struct view *rest)
{
	enum address_rules rules = s->settings->strict ? ADDRESS_STOCK : ADDRESS_CLEAN;

	if (address_parse(argument, rules, &s->scratch, address, rest) != ADDRESS_OK)
		return ANSWER_NO;
	if (!replace_literal(s, address))
		return ANSWER_ERROR;
	return address->whole.len > s->settings->limits.address ? ANSWER_NO : ANSWER_YES;
}

/* What some take for a mistake that qmail does not: no '<' (s/qmail), nothing behind the ':'
 * (sagredo).  Inbound 3.1.13. */
static bool
is_written_badly(const struct session *s, struct view argument)
{
	bool has_bracket = view_index(argument, '<') < argument.len;
	struct view before, after;

	if (s->settings->dialect == DIALECT_SQMAIL)
		return !has_bracket;
	return s->settings->dialect == DIALECT_SAGREDO && !has_bracket &&
	    (!view_cut(argument, ':', &before, &after) || view_trim_left(after).len == 0);
}

/* The address in `argument`, and what is behind it.  False when that was answered already. */
static bool
take_address(
    struct session *s, struct view argument, struct address *address, struct view *rest)
{
	enum answer answer = ANSWER_NO;

	if (!is_written_badly(s, argument))
		answer = envelope_address(s, argument, address, rest);
	if (answer == ANSWER_NO)
		session_refuse(s, REPLY_SYNTAX, "syntax");
	return answer == ANSWER_YES;
}

/* True if no check objects; else that was answered. */
static bool is_allowed(struct session *s, enum check_moment moment,
    const struct address *sender, const struct address *recipient);

/* Whom a plugin's O spares a recipient or sender: the checks, not the limits, plugins and policy. */
enum stage_kind { ALWAYS, BUILT_IN };

/* One thing that MAIL or RCPT must get past. */
struct stage {
	bool (*accepts)(struct session *s); /* true, or false and it was answered */
	enum stage_kind kind;
	bool is_of_smtp;       /* about HELO, or a plugin, which knows commands only */
	unsigned only, except; /* dialects in which it stands here, or does not; 0: all */
};

static bool
passes(struct session *s, const struct stage stages[], size_t count)
{
	unsigned dialect = 1u << s->settings->dialect;
	size_t i;

	s->spp.said_okay = false;
	for (i = 0; i < count; i++)
		if (!(stages[i].kind == BUILT_IN && s->spp.said_okay) &&
		    !(stages[i].is_of_smtp && s->protocol != SESSION_SMTP) &&
		    !(stages[i].except & dialect) &&
		    (!stages[i].only || (stages[i].only & dialect)) &&
		    !stages[i].accepts(s))
			return false;
	return true;
}

/* --- MAIL ----------------------------------------------------------------------------------------- */

/* In s/qmail's dialect what is too large is told to each recipient. */
static bool
are_params_good(struct session *s, struct view rest, bool *is_too_large)
{
	uint64_t databytes = s->settings->databytes;
	struct mail_params params;

	if (s->settings->strict)
		return true;
	params = mail_params_parse(rest);
	if (params.require_tls || params.binary_mime) {
		session_refuse(s, REPLY_SYNTAX, "parameters");
		return false;
	}
	*is_too_large = databytes && params.size > databytes;
	if (*is_too_large && s->settings->dialect != DIALECT_SQMAIL) {
		session_refuse(s, REPLY_TOO_LARGE, "databytes");
		return false;
	}
	return true;
}

/* True if MAIL may come now; else that was answered.  qmail takes it at any time. */
static bool
is_in_order(struct session *s)
{
	struct problem problem;
	enum answer answer;

	if (!s->knows_rfc_order) {
		answer = settings_read_rfc_order(s->settings, &problem);
		if (answer == ANSWER_ERROR) {
			session_no_controls(s, &problem);
			return false;
		}
		s->wants_rfc_order = answer == ANSWER_YES;
		s->knows_rfc_order = true;
	}
	if (!s->wants_rfc_order || (s->said_helo && !s->transaction.open))
		return true;
	session_reply(s, s->said_helo ? REPLY_ONE_MAIL : REPLY_WANT_HELO);
	return false;
}

/* Behind what the command alone tells, in this order: who has sent too much is asked nothing else; what
 * asks others. */
static const struct stage mail_stages[] = {
	{ sessioncap_accepts_mail, .kind = ALWAYS },
	{ rates_accepts_mail, .kind = ALWAYS },
	{ spp_accepts_mail, .kind = ALWAYS, .is_of_smtp = true },
	{ chkuser_accepts_mail, .kind = BUILT_IN },
	{ mfcheck_accepts_mail, .kind = BUILT_IN },
	{ spf_accepts_mail, .kind = BUILT_IN },
	{ relaymailfrom_accepts_mail, .kind = ALWAYS },
	{ blackhole_accepts_mail, .kind = ALWAYS },
};

/* `rest` is what stands behind the address. */
static void
take_sender(struct session *s, const struct address *sender, struct view rest)
{
	const struct address nobody = { 0 };
	bool is_too_large = false;

	s->from = sender->whole;
	relaymailfrom_forget(s);
	if (auth_refuses_sender(s, sender) || !is_allowed(s, AT_MAIL, sender, &nobody) ||
	    !are_params_good(s, rest, &is_too_large))
		return;
	transaction_start(&s->transaction, sender);
	s->transaction.is_too_large = is_too_large;
	if (!passes(s, mail_stages, sizeof mail_stages / sizeof *mail_stages)) {
		message_reset(s);
		return;
	}
	session_reply(s, REPLY_OK);
	server_log_sender(s);
}

void
envelope_mail(struct session *s, struct view argument)
{
	struct address sender;
	struct view rest;

	s->place = LOGEVENT_AT_MAIL;
	s->from = argument;
	s->mail_began_ms = os_monotonic_ms();
	if (is_in_order(s) && !auth_refuses_mail(s) &&
	    take_address(s, argument, &sender, &rest))
		take_sender(s, &sender, rest);
}

void
envelope_sender(struct session *s, const struct address *sender)
{
	s->place = LOGEVENT_AT_MAIL;
	if (!s->settings->strict) {
		take_sender(s, sender, VIEW(""));
		return;
	}
	transaction_start(&s->transaction, sender);
	session_reply(s, REPLY_OK);
}

/* --- RCPT ----------------------------------------------------------------------------------------- */

static void
warn_of_open_relay(struct session *s)
{
	if (s->warned_open_relay || s->relay_client ||
	    !policy_is_open_relay(&s->settings->policy))
		return;
	s->warned_open_relay = true;
	log_warning(&s->log, "control/rcpthosts is missing: mail for any host is taken",
	    VIEW(""));
}

/* The client's certificate may make it a relay client; then the checks are asked anew. */
static bool
is_excused(struct session *s, enum check_moment moment, const struct address *recipient,
    struct ruling *why)
{
	struct problem problem;

	switch (why->is_for_relaying ? clientcert_relays(s, why, &problem) : ANSWER_NO) {
	case ANSWER_YES:
		/* some of the lists of senders are for relay clients only */
		return is_allowed(s, AT_SENDER, &s->transaction.sender, recipient) &&
		    is_allowed(s, moment, &s->transaction.sender, recipient);
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

static bool
is_allowed(struct session *s, enum check_moment moment, const struct address *sender,
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
	return is_allowed(s, moment, &s->transaction.sender, &s->recipient);
}

static bool
policy_accepts_helo(struct session *s)
{
	return is_fine(s, AT_HELO);
}

static bool
policy_accepts_sender(struct session *s)
{
	return is_fine(s, AT_SENDER);
}

static bool
policy_accepts_recipient(struct session *s)
{
	return is_fine(s, AT_RECIPIENT);
}

static bool
policy_accepts_host(struct session *s)
{
	return is_fine(s, AT_HOSTS);
}

static bool
policy_accepts_mailbox(struct session *s)
{
	return is_fine(s, AT_MAILBOX);
}

static bool
policy_accepts_search(struct session *s)
{
	return is_fine(s, AT_SEARCH);
}

static bool
policy_accepts_number(struct session *s)
{
	return is_fine(s, AT_COUNT);
}

static bool
accepts_size(struct session *s)
{
	struct ruling why = { .reply = reply_named(REPLY_TOO_LARGE),
		.check = "databytes" };

	if (!s->transaction.is_too_large)
		return true;
	session_add_word(s, &why, "REPLY_MAXSIZE");
	session_refuse_with(s, &why);
	return false;
}

/* The order that each dialect has had (inbound 5.15): where it has none, cheap before DNS before what
 * others remember, then those who want to see what all else lets pass.  Nobody learns who exists in a
 * domain that is not ours: rcpthosts comes first. */
enum { SAGREDO = 1u << DIALECT_SAGREDO, SQMAIL = 1u << DIALECT_SQMAIL };

static const struct stage rcpt_stages[] = {
	{ spp_accepts_rcpt, .kind = ALWAYS, .is_of_smtp = true, .except = SAGREDO },
	{ policy_accepts_helo, .kind = BUILT_IN, .is_of_smtp = true },
	{ helodns_accepts_rcpt, .kind = BUILT_IN, .is_of_smtp = true },
	{ mfcheck_accepts_rcpt, .kind = BUILT_IN },
	{ policy_accepts_sender, .kind = BUILT_IN, .except = SQMAIL },
	{ spp_accepts_rcpt, .kind = ALWAYS, .is_of_smtp = true, .only = SAGREDO },
	{ spf_accepts_rcpt, .kind = BUILT_IN, .only = SAGREDO },
	{ policy_accepts_recipient, .kind = BUILT_IN, .except = SQMAIL },
	{ chkuser_accepts_host, .kind = BUILT_IN },
	{ policy_accepts_host, .kind = BUILT_IN },
	{ delay_accepts_rcpt, .kind = ALWAYS },
	{ policy_accepts_mailbox, .kind = BUILT_IN },
	{ chkuser_accepts_user, .kind = BUILT_IN },
	{ policy_accepts_search, .kind = BUILT_IN },
	{ spf_accepts_rcpt, .kind = BUILT_IN, .except = SAGREDO },
	{ policy_accepts_sender, .kind = BUILT_IN, .only = SQMAIL },
	{ policy_accepts_recipient, .kind = BUILT_IN, .only = SQMAIL },
	{ accepts_size, .kind = ALWAYS },
	{ dnschecks_accept_rcpt, .kind = BUILT_IN },
	{ greylist_accepts_rcpt, .kind = BUILT_IN },
	{ spp_passes_rcpt, .kind = ALWAYS, .is_of_smtp = true },
	{ empf_accepts_rcpt, .kind = ALWAYS },
	{ policy_accepts_number, .kind = BUILT_IN },
	{ rates_accepts_rcpt, .kind = ALWAYS },
};

/* The address is good; may it be a recipient? */
static void
add_recipient(struct session *s)
{
	bool drops;

	bool is_plain = s->settings->strict && s->protocol != SESSION_SMTP;

	warn_of_open_relay(s);
	if (is_plain
		? !policy_accepts_host(s)
		: !passes(s, rcpt_stages, sizeof rcpt_stages / sizeof *rcpt_stages)) {
		s->transaction.rcpt_failed++;
		return;
	}
	if (!blackhole_accepts_rcpt(s, &drops))
		return;
	if (drops) {
		s->transaction.rcpt_dropped++;
		session_reply(s, REPLY_OK);
		return;
	}
	if (!transaction_add(&s->transaction, &s->settings->limits, s->recipient.whole,
		view_of(s->relay_client)))
		session_refuse(s, REPLY_TOO_MANY_RECIPIENTS, "recipients");
	else if (delay_recipient(s)) {
		session_reply(s, REPLY_OK);
		server_log_recipient(s);
	}
}

void
envelope_rcpt(struct session *s, struct view argument)
{
	struct view rest;

	s->place = LOGEVENT_AT_RCPT;
	s->from = s->transaction.sender.whole;
	s->to = argument;
	s->transaction.rcpt_commands++;
	if (!take_address(s, argument, &s->recipient, &rest))
		return;
	s->to = s->recipient.whole;
	if (address_is_null(&s->recipient))
		session_refuse(s, REPLY_SYNTAX, "syntax");
	else
		add_recipient(s);
	s->recipient = (struct address) { 0 };
}

void
envelope_recipient(struct session *s, const struct address *recipient)
{
	s->place = LOGEVENT_AT_RCPT;
	s->from = s->transaction.sender.whole;
	s->to = recipient->whole;
	s->transaction.rcpt_commands++;
	s->recipient = *recipient;
	add_recipient(s);
	s->recipient = (struct address) { 0 };
}
