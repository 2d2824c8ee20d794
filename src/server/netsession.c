#include "server/netsession.h"

#include "os/os.h"
#include "server/envelope.h"
#include "server/log.h"
#include "server/netanswers.h"
#include "server/progress.h"
#include "server/sessionreply.h"
#include "server/starttls.h"
#include "server/verdict.h"
#include "smtp/netmail.h"

enum {
	ADDRESS_ROOM =
	    1000, /* with the relay client's suffix it must be shorter, as in qmail */
	REFUSALS_MAX =
	    100, /* recipients beyond limits.recipients that are still answered */
};

struct netsession {
	struct session *s;
	struct netmail mail;
	struct progress progress;
	struct netanswers answers;
	uint64_t recipients;
	bool is_over;
	enum netsession_exit exit;
};

/* --- the message ------------------------------------------------------------------------------------ */

static void
begin(struct netsession *n)
{
	struct session *s = n->s;

	session_sigterm_kills(s, true);
	s->mail_began_ms = os_monotonic_ms();
	s->code = 0;
	n->recipients = 0;
	netanswers_begin(&n->answers);
	message_begin(s, false);
	netanswers_refuse_all(&n->answers);
}

static void
take_text(struct netsession *n)
{
	struct session *s = n->s;

	s->message.text.octets += n->mail.text.len;
	hops_push(&s->message.text.hops, n->mail.text);
	if (s->message.open)
		message_put(s, n->mail.text);
}

/* --- the envelope ----------------------------------------------------------------------------------- */

static bool
is_address(const struct netsession *n)
{
	const struct netmail *m = &n->mail;

	return !m->is_long && !m->has_nul &&
	    (n->s->settings->strict ||
		(!view_has_control(str_view(&m->address)) &&
		    m->address.len <= n->s->settings->limits.address));
}

/* Everybody may send to everybody. */
static void
take_trusted_sender(struct session *s, const struct address *sender)
{
	transaction_start(&s->transaction, sender);
	if (rates_accepts_mail(s))
		session_reply(s, REPLY_OK);
}

static void
take_trusted_recipient(struct session *s, const struct address *recipient)
{
	if (!rates_accepts_rcpt(s))
		return;
	if (transaction_add(
		&s->transaction, &s->settings->limits, recipient->whole, VIEW("")))
		session_reply(s, REPLY_OK);
	else
		session_refuse(s, REPLY_TOO_MANY_RECIPIENTS, "recipients");
}

static void
refuse_address(struct netsession *n, enum reply_name by_qmtp)
{
	struct session *s = n->s;

	session_refuse(s, n->mail.is_qmqp ? REPLY_BAD_ADDRESSES : by_qmtp, "syntax");
}

static void
take_sender(struct netsession *n)
{
	struct session *s = n->s;
	struct address sender = address_of(str_view(&n->mail.address));

	if (netanswers_has_fate(&n->answers))
		return;
	s->place = LOGEVENT_AT_MAIL;
	s->from = sender.whole;
	if (!is_address(n))
		refuse_address(
		    n, message_is_too_large(s) ? REPLY_TOO_LARGE : REPLY_BAD_SENDER);
	else if (n->mail.is_qmqp)
		take_trusted_sender(s, &sender);
	else
		envelope_sender(s, &sender);
	netanswers_refuse_all(&n->answers);
}

/* Nobody is nobody; by QMQP it is for the sending host to say. */
static bool
is_recipient(const struct netsession *n)
{
	struct view suffix = view_of(n->s->relay_client);

	return is_address(n) && n->mail.address.len + suffix.len < ADDRESS_ROOM &&
	    (n->mail.address.len > 0 || n->s->settings->strict);
}

static void
judge_recipient(struct netsession *n)
{
	struct session *s = n->s;
	struct address recipient = address_of(str_view(&n->mail.address));

	s->place = LOGEVENT_AT_RCPT;
	s->from = s->transaction.sender.whole;
	s->to = recipient.whole;
	if (!is_recipient(n))
		refuse_address(n, REPLY_BAD_RECIPIENT);
	else if (n->mail.is_qmqp)
		take_trusted_recipient(s, &recipient);
	else
		envelope_recipient(s, &recipient);
	if (n->mail.is_qmqp || s->over)
		netanswers_refuse_all(&n->answers);
}

/* What is answered is remembered until all is known: so there is an end to it. */
static void
take_recipient(struct netsession *n)
{
	struct session *s = n->s;

	if (!n->mail.is_qmqp &&
	    ++n->recipients > s->settings->limits.recipients + REFUSALS_MAX) {
		session_close(s, "recipients");
		n->is_over = true;
		n->exit = NETSESSION_TROUBLE;
		return;
	}
	if (netanswers_wants_recipients(&n->answers))
		judge_recipient(n);
	if (!n->mail.is_qmqp)
		netanswers_add_recipient(&n->answers);
	arena_reset(&s->scratch);
	s->from = s->to = VIEW("");
}

/* --- the end ---------------------------------------------------------------------------------------- */

static bool
has_recipients(const struct session *s)
{
	return s->transaction.count + s->transaction.rcpt_dropped > 0;
}

/* Nothing is taken for nobody.  By QMTP nobody is told so, for there is nobody to tell it of. */
static void
conclude(struct netsession *n)
{
	struct session *s = n->s;
	struct message_outcome outcome;

	s->place = LOGEVENT_AT_DATA;
	if (!netanswers_has_fate(&n->answers) && !has_recipients(s) &&
	    !(n->mail.is_qmqp && s->settings->strict)) {
		if (n->mail.is_qmqp)
			session_refuse(s, REPLY_NO_RECIPIENTS, "recipients");
		netanswers_refuse_all(&n->answers);
		return;
	}
	if (!netanswers_has_fate(&n->answers) && !greylist_accepts_data(s))
		netanswers_refuse_all(&n->answers);
	if (netanswers_has_fate(&n->answers))
		return;
	message_end(s, &outcome);
	verdict_tell(s, &outcome);
	netanswers_set_fate(&n->answers);
}

static void
end(struct netsession *n)
{
	struct session *s = n->s;

	conclude(n);
	netanswers_send(&n->answers);
	message_reset(s);
	session_sigterm_kills(s, false);
	progress_end(s);
	arena_reset(&s->scratch);
	s->place = LOGEVENT_ELSEWHERE;
	s->from = s->to = VIEW("");
	n->is_over = s->over || n->mail.is_qmqp;
	if (s->over)
		n->exit = NETSESSION_TROUBLE;
	else if (n->mail.is_qmqp)
		session_close(s, NULL);
}

/* --- the session ------------------------------------------------------------------------------------ */

static void
break_off(struct netsession *n, const char *reason, enum netsession_exit status)
{
	session_close(n->s, reason);
	n->is_over = true;
	n->exit = status;
}

static void
take(struct netsession *n, enum netmail_event event)
{
	switch (event) {
	case NETMAIL_MORE:
		return;
	case NETMAIL_BEGIN:
		begin(n);
		return;
	case NETMAIL_TEXT:
		take_text(n);
		return;
	case NETMAIL_SENDER:
		take_sender(n);
		return;
	case NETMAIL_RECIPIENT:
		take_recipient(n);
		return;
	case NETMAIL_END:
		end(n);
		return;
	case NETMAIL_MALFORMED:
		break_off(n, "protocol", NETSESSION_MALFORMED);
		return;
	case NETMAIL_TOO_LONG:
		break_off(n, "too-long", NETSESSION_TROUBLE);
		return;
	}
}

/* A client may come and go; nobody can tell why it stays away. */
static void
lose(struct netsession *n, enum reader_status status)
{
	bool is_gone = status == READER_EOF || status == READER_WRITE_ERROR;

	if (status == READER_EOF && netmail_is_between(&n->mail))
		session_close(n->s, NULL);
	else
		session_lost(n->s, status);
	n->is_over = true;
	n->exit = is_gone ? NETSESSION_DONE : NETSESSION_TROUBLE;
}

static void
step(struct netsession *n)
{
	struct session *s = n->s;
	enum reader_status status = reader_fill(&s->reader);
	enum netmail_event event;
	size_t used;

	if (status != READER_OK) {
		lose(n, status);
		return;
	}
	if (netmail_is_between(&n->mail))
		progress_start(s, &n->progress);
	event = netmail_push(&n->mail, reader_buffered(&s->reader), &used);
	reader_skip(&s->reader, used);
	progress_note(s, &n->progress, used);
	take(n, event);
}

enum netsession_exit
netsession_run(struct session *s, enum session_protocol protocol)
{
	struct netsession n = { .s = s };

	s->protocol = protocol;
	netanswers_start(&n.answers, s, protocol == SESSION_QMQP);
	netmail_start(
	    &n.mail, protocol == SESSION_QMQP, 2 * s->settings->limits.envelope);
	if (starttls_before_greeting(s) && sessioncap_accepts_session(s)) {
		while (!n.is_over)
			step(&n);
	} else {
		n.exit = NETSESSION_TROUBLE;
	}
	if (n.is_over) /* what is not complete is nobody's */
		s->over = true;
	message_reset(s);
	netanswers_end(&n.answers);
	netmail_free(&n.mail);
	return n.exit;
}
