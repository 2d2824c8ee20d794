#include "client/transaction.h"

#include "client/message.h"
#include "lib/fmt.h"
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
};

enum { SERVICE_NOT_AVAILABLE = 421, BAD_SEQUENCE = 503 };

static enum report_letter
failure_letter(const struct remotereply *reply)
{
	return remotereply_class(reply) == CLASS_PERMANENT ? REPORT_FAILURE
							   : REPORT_LATER;
}

static void
fail(struct progress *p, const char *before, const char *after)
{
	struct session *s = &p->a->session;

	report_peer(p->a->report, failure_letter(&s->reply), before,
	    str_view(&p->a->peer), after, &s->reply);
	p->failed = true;
}

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
fail_by_size(struct progress *p, uint64_t limit)
{
	struct str number = { 0 };

	fmt_u64(&number, limit);
	report_begin(p->a->report, REPORT_FAILURE);
	report_add(p->a->report, "Connected to ");
	report_add_view(p->a->report, str_view(&p->a->peer));
	report_add(p->a->report, " but message is larger than its limit of ");
	report_add_view(p->a->report, str_view(&number));
	report_add(p->a->report, " bytes. (#5.3.4)");
	report_end(p->a->report, NULL);
	str_free(&number);
	p->failed = true;
	p->a->ended = TRANSACTION_CLEAN;
}

/* What MAIL may say about the message, where the server wants to know; false when it is too large,
 * and so reported. */
static bool
append_parameters(struct progress *p, struct str *argument)
{
	const struct capabilities *offers = &p->a->session.offers;
	struct bodyscan scan;

	if (!offers->size && !offers->eightbitmime)
		return true;
	if (!message_scan(p->a->task->message, &scan))
		return true;
	if (offers->size_limit > 0 && scan.octets > offers->size_limit) {
		fail_by_size(p, offers->size_limit);
		return false;
	}
	if (offers->size) {
		str_append_text(argument, " SIZE=");
		fmt_u64(argument, scan.octets);
	}
	if (offers->eightbitmime && scan.eight_bit)
		str_append_text(argument, " BODY=8BITMIME");
	return true;
}

static void
send_mail(struct progress *p)
{
	struct str argument = { 0 };

	address_format(&argument, p->a->task->sender);
	str_append_byte(&argument, '>');
	if (append_parameters(p, &argument))
		session_command(&p->a->session, "MAIL FROM:<", str_view(&argument));
	str_free(&argument);
}

static void
refuse(struct progress *p, const char *before, const char *after)
{
	fail(p, before, after);
	p->a->ended = is_stale(&p->a->session) ? TRANSACTION_STALE : TRANSACTION_ABORTED;
}

static void
take_mail_reply(struct progress *p)
{
	struct session *s = &p->a->session;

	if (!session_reply(s))
		die(p);
	else if (remotereply_class(&s->reply) != CLASS_OK)
		refuse(p, "Connected to ", " but sender was rejected.");
}

static void
send_rcpt(struct progress *p, const struct recipient *r)
{
	struct str argument = { 0 };

	if (r->forbidden)
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
	    (reply->code == STORAGE_EXCEEDED && p->accepted > 0))
		return REPORT_DEFERRED;
	return REPORT_REJECTED;
}

static void
take_rcpt_reply(struct progress *p, const struct recipient *r)
{
	struct attempt *a = p->a;
	enum report_letter letter;

	if (r->forbidden) {
		report_recipient_text(a->report, REPORT_REJECTED,
		    "Sorry, that envelope address contains forbidden bytes. (#5.1.3)");
		return;
	}
	if (!session_reply(&a->session)) {
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

	if (!session_reply(s))
		die(p);
	else if (s->reply.code != GO_AHEAD)
		refuse(p, "", " failed on DATA command.");
}

/* One command, one reply. */
static void
speak_in_turn(struct progress *p)
{
	const struct task *task = p->a->task;
	size_t i;

	take_mail_reply(p);
	for (i = 0; i < task->recipient_count && !p->failed; i++) {
		send_rcpt(p, &task->recipients[i]);
		take_rcpt_reply(p, &task->recipients[i]);
	}
	if (give_up(p))
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

	if (session_reply(s) && s->reply.code == GO_AHEAD) {
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

	while (commands > 0 && session_reply(s))
		commands--;
	if (s->reply.code == GO_AHEAD)
		s->over = true;
}

static size_t
count_sent(const struct task *task, size_t recipients)
{
	size_t i, sent = 0;

	for (i = 0; i < recipients; i++)
		sent += !task->recipients[i].forbidden;
	return sent + (recipients == task->recipient_count); /* DATA */
}

/* Commands in groups (RFC 2920): MAIL goes with the first RCPTs, DATA with the last. */
static void
speak_in_groups(struct progress *p)
{
	const struct task *task = p->a->task;
	size_t i, sent = 0, taken = 0, count = task->recipient_count;

	do {
		for (i = 0; i < GROUP && sent < count; i++)
			send_rcpt(p, &task->recipients[sent++]);
		if (sent == count)
			session_command(&p->a->session, "DATA", VIEW(""));
		if (taken == 0)
			take_mail_reply(p);
		if (p->failed && !p->a->session.over)
			skip_replies(p, count_sent(task, sent));
		while (taken < sent && !p->failed)
			take_rcpt_reply(p, &task->recipients[taken++]);
	} while (sent < count && !p->failed);
	if (p->failed)
		return;
	if (give_up(p))
		end_useless_data(p);
	else
		take_data_reply(p);
}

/* The message is whole on the wire: from here on the server may have it, whatever we hear. */
static void
finish(struct progress *p)
{
	struct attempt *a = p->a;
	struct session *s = &a->session;

	if (a->before_dot)
		a->before_dot(a->context);
	if (!session_ask(s, ".", VIEW(""))) {
		attempt_report(a, REPORT_LATER,
		    " but connection died. Possible duplicate! (#4.4.2)", NULL);
	} else if (remotereply_class(&s->reply) != CLASS_OK) {
		fail(p, "", " failed after I sent the message.");
		a->ended = TRANSACTION_ABORTED;
	} else {
		report_peer(a->report, REPORT_SUCCESS, "", str_view(&a->peer),
		    " accepted message.", &s->reply);
		a->ended = TRANSACTION_CLEAN;
	}
}

static void
send_message(struct progress *p)
{
	struct attempt *a = p->a;

	switch (message_send(a->task->message, &a->session)) {
	case MESSAGE_SENT:
		finish(p);
		return;
	case MESSAGE_PARTIAL:
		report_message(a->report, REPORT_FAILURE,
		    "SMTP cannot transfer messages with partial final lines. (#5.6.2)");
		break;
	case MESSAGE_UNREADABLE:
		report_message(
		    a->report, REPORT_LATER, "Unable to read message. (#4.3.0)");
		break;
	case MESSAGE_DIED:
		attempt_report_death(a);
		break;
	}
	session_close(
	    &a->session); /* without the dot and without QUIT: nothing was sent */
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
	cut_to_limit(a);
	send_mail(&p);
	if (p.failed)
		return;
	if (a->session.offers.pipelining)
		speak_in_groups(&p);
	else
		speak_in_turn(&p);
	if (!p.failed)
		send_message(&p);
}
