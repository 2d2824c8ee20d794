#include "server/envelope.h"

#include "os/os.h"
#include "server/authdialogue.h"
#include "server/blackhole.h"
#include "server/delay.h"
#include "server/envelopeaddress.h"
#include "server/log.h"
#include "server/relaymailfrom.h"
#include "server/rulings.h"
#include "server/sessionreply.h"
#include "server/stages.h"
#include "smtp/params.h"

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

/* `rest` is what stands behind the address. */
static void
take_sender(struct session *s, const struct address *sender, struct view rest)
{
	const struct address nobody = { 0 };
	bool is_too_large = false;

	s->from = sender->whole;
	relaymailfrom_forget(s);
	if (auth_refuses_sender(s, sender) ||
	    !rulings_allow(s, AT_MAIL, sender, &nobody) ||
	    !are_params_good(s, rest, &is_too_large))
		return;
	transaction_start(&s->transaction, sender);
	s->transaction.is_too_large = is_too_large;
	if (!stages_accept_mail(s)) {
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
	    envelopeaddress_take(s, argument, &sender, &rest))
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

/* The address is good; may it be a recipient? */
static void
add_recipient(struct session *s)
{
	bool is_plain = s->settings->strict && s->protocol != SESSION_SMTP;
	bool drops;

	warn_of_open_relay(s);
	if (is_plain ? !rulings_accept_host(s) : !stages_accept_rcpt(s)) {
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
	if (!envelopeaddress_take(s, argument, &s->recipient, &rest))
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
