#include "client/transaction.h"

#include "client/content.h"
#include "client/mailcommand.h"
#include "client/message.h"
#include "client/pacing.h"
#include "client/recipients.h"
#include "smtp/address.h"

enum {
	GO_AHEAD = 354,
	STORAGE_EXCEEDED = 552,
	CLASS_OK = 2,
	CLASS_PERMANENT = 5,
	/* Commands sent before their replies are read: few enough for the replies to fit in the
	 * sockets' buffers, so that neither side waits for the other to read (RFC 2920 3.1). */
	GROUP = 50,
};

/* How far the transaction is. */
struct progress {
	struct attempt *a;
	size_t accepted; /* recipients */
	bool failed;     /* reported; nothing more to say but QUIT or RSET */
	bool chunked;    /* no DATA */
};

enum { SERVICE_NOT_AVAILABLE = 421, BAD_SEQUENCE = 503 };

/* Only before the reply to DATA: then nothing of the message was sent. */
static void
die(struct progress *p)
{
	attempt_report_death(p->a);
	p->failed = true;
	p->a->ended = TRANSACTION_STALE;
}

/* Is the reply about the session and not about the command?  A server that hangs up on idle or busy
 * clients says so only now (outbound 5.5, row 9). */
static bool
is_stale(const struct session *s)
{
	return s->reply.code == SERVICE_NOT_AVAILABLE || s->reply.code == BAD_SEQUENCE;
}

static void
send_mail(struct progress *p)
{
	struct str argument = { 0 };

	p->failed = !mailcommand_append(p->a, &argument);
	if (p->failed) {
		p->a->ended = TRANSACTION_CLEAN;
	} else {
		session_command(&p->a->session, "MAIL FROM:<", str_view(&argument));
		pacing_mail_sent(p->a->pacing);
	}
	str_free(&argument);
}

static void
refuse(struct progress *p, const char *before, const char *after)
{
	attempt_report_failure(p->a, before, after);
	p->failed = true;
	p->a->ended = is_stale(&p->a->session) ? TRANSACTION_STALE : TRANSACTION_ABORTED;
}

static void
take_mail_reply(struct progress *p)
{
	struct session *s = &p->a->session;

	if (!session_hear(s))
		die(p);
	else if (remotereply_class(&s->reply) != CLASS_OK)
		refuse(p, "Connected to ", " but sender was rejected.");
}

static void
send_rcpt(struct progress *p, const struct recipient *r)
{
	struct str argument = { 0 };

	if (!recipient_is_sent(r))
		return;
	address_format(&argument, r->address);
	str_append_byte(&argument, '>');
	session_command(&p->a->session, "RCPT TO:<", str_view(&argument));
	str_free(&argument);
}

/* 552 to a recipient once meant "too many", as 452 does now (RFC 5321 4.5.3.1.10). */
static enum report_letter
recipient_letter(const struct progress *p, const struct remotereply *reply)
{
	if (remotereply_class(reply) == CLASS_OK)
		return REPORT_ACCEPTED;
	if (remotereply_class(reply) != CLASS_PERMANENT ||
	    pacing_is_later(p->a->pacing) ||
	    (reply->code == STORAGE_EXCEEDED && p->accepted > 0))
		return REPORT_DEFERRED;
	return REPORT_REJECTED;
}

static void
take_rcpt_reply(struct progress *p, const struct recipient *r)
{
	struct attempt *a = p->a;
	enum report_letter letter;

	if (!recipient_is_sent(r)) {
		recipient_report_unsent(a->report, r);
		return;
	}
	if (!session_hear(&a->session)) {
		die(p);
		return;
	}
	letter = recipient_letter(p, &a->session.reply);
	p->accepted += letter == REPORT_ACCEPTED;
	report_recipient(a->report, letter, str_view(&a->peer), &a->session.reply);
	if (a->session.over) /* 421: there is nobody left to talk to */
		die(p);
}

/* The last reply is in the last recipient's report already. */
static bool
give_up(struct progress *p)
{
	if (!p->failed && p->accepted == 0) {
		report_peer(p->a->report, REPORT_FAILURE, "Giving up on ",
		    str_view(&p->a->peer), ".", NULL);
		p->failed = true;
		p->a->ended = TRANSACTION_ABORTED;
	}
	return p->failed;
}

static void
take_data_reply(struct progress *p)
{
	struct session *s = &p->a->session;

	if (!session_hear(s))
		die(p);
	else if (s->reply.code != GO_AHEAD)
		refuse(p, "", " failed on DATA command.");
}

/* One command, one reply: up to the recipients.  False: reported. */
static bool
speak_envelope(struct progress *p)
{
	const struct task *task = p->a->task;
	size_t i;

	take_mail_reply(p);
	for (i = 0; i < task->recipient_count && !p->failed; i++) {
		send_rcpt(p, &task->recipients[i]);
		take_rcpt_reply(p, &task->recipients[i]);
	}
	return !give_up(p);
}

static void
speak_in_turn(struct progress *p)
{
	if (!speak_envelope(p) || p->chunked)
		return;
	session_command(&p->a->session, "DATA", VIEW(""));
	take_data_reply(p);
}

/* DATA went out before we knew that there is no recipient for it.  A server that wants the message
 * all the same gets an empty one, which goes to nobody (RFC 2920 3.1). */
static void
end_useless_data(struct progress *p)
{
	struct session *s = &p->a->session;

	if (session_hear(s) && s->reply.code == GO_AHEAD) {
		session_command(s, ".", VIEW(""));
		p->a->ended = TRANSACTION_NONE; /* nobody waits for its reply */
	}
}

/* MAIL was refused: the replies to what went along with it are read all the same, so that the
 * server sees QUIT and not a reset.  To one that wants data even so, no dot may be sent. */
static void
skip_replies(struct progress *p, size_t commands)
{
	struct session *s = &p->a->session;

	while (commands > 0 && session_hear(s))
		commands--;
	if (s->reply.code == GO_AHEAD)
		s->over = true;
}

/* Commands in groups (RFC 2920): MAIL goes with the first RCPTs, DATA with the last. */
static void
speak_in_groups(struct progress *p)
{
	const struct task *task = p->a->task;
	size_t i, sent = 0, taken = 0, count = task->recipient_count, data = 0;

	do {
		for (i = 0; i < GROUP && sent < count; i++)
			send_rcpt(p, &task->recipients[sent++]);
		if (sent == count && !p->chunked) {
			session_command(&p->a->session, "DATA", VIEW(""));
			data = 1;
		}
		if (taken == 0)
			take_mail_reply(p);
		if (p->failed && !p->a->session.over)
			skip_replies(p, recipients_sent(task, sent) + data);
		while (taken < sent && !p->failed)
			take_rcpt_reply(p, &task->recipients[taken++]);
	} while (sent < count && !p->failed);
	if (p->failed)
		return;
	if (give_up(p)) {
		if (data)
			end_useless_data(p);
	} else if (data) {
		take_data_reply(p);
	}
}

static void
prepare(struct progress *p)
{
	enum answer chunked = content_is_chunked(p->a);

	recipients_fit(p->a->task, &p->a->session.offers);
	p->chunked = chunked == ANSWER_YES;
	p->failed = chunked == ANSWER_ERROR;
	if (p->failed)
		p->a->ended = TRANSACTION_CLEAN;
}

static void
cut_to_limit(struct attempt *a)
{
	uint64_t limit = a->session.offers.rcpt_max;

	if (a->cut_to_limit && limit > 0 && limit < a->task->recipient_count)
		a->task->recipient_count = (size_t)limit;
}

void
transaction(struct attempt *a)
{
	struct progress p = { .a = a };

	a->ended = TRANSACTION_NONE;
	a->message_end = message_length(a->task->message);
	cut_to_limit(a);
	prepare(&p);
	if (!p.failed)
		send_mail(&p);
	if (p.failed)
		return;
	if (a->session.offers.pipelining)
		speak_in_groups(&p);
	else
		speak_in_turn(&p);
	if (p.failed)
		return;
	if (p.chunked)
		content_send_chunks(a);
	else
		content_send(a);
}

void
transaction_rehearse(struct attempt *a)
{
	struct progress p = { .a = a };
	struct session *s = &a->session;

	a->ended = TRANSACTION_NONE;
	prepare(&p);
	if (!p.failed)
		send_mail(&p);
	if (!p.failed)
		speak_envelope(&p);
	if (!s->over)
		session_ask(s, "RSET", VIEW(""));
}
