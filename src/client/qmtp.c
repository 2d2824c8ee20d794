#include "client/qmtp.h"

#include "client/message.h"
#include "client/pacing.h"
#include "client/recipients.h"
#include "client/starttls.h"
#include "client/tlsnote.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/netstring.h"
#include "smtp/qmtpreply.h"

enum {
	FROM_PIPE_MAX =
	    64 * 1024 * 1024 /* octets of a message whose length no file tells */
};

/* A message, and how long it will be. */
struct letter {
	int fd;          /* its file; -1: it is in memory */
	struct str wire; /* in memory: as it is sent */
	uint64_t octets; /* with LF line ends */
};

/* A pipe does not tell how long the message is, and that has to be said first. */
static bool
read_pipe(int fd, struct letter *out)
{
	struct bodywriter writer = { .form = BODY_LF };
	struct str all = { 0 };
	bool ok = fd_read_all(fd, &all, FROM_PIPE_MAX) == 0;

	if (ok) {
		bodywriter_add(&writer, str_view(&all), &out->wire);
		out->fd = -1;
		out->octets = out->wire.len;
	}
	str_free(&all);
	return ok;
}

static bool
open_letter(int fd, struct letter *out)
{
	struct bodyscan scan;

	if (!message_scan(fd, &scan))
		return read_pipe(fd, out);
	out->fd = fd;
	out->octets = scan.octets - scan.lines; /* counted with CRLF */
	return true;
}

/* Up to the sender: the server has nothing to deliver yet. */
static enum message_result
send_letter(struct attempt *a, const struct letter *letter)
{
	struct session *s = &a->session;
	struct str text = { 0 };
	enum message_result result = MESSAGE_SENT;
	uint64_t sent = letter->octets;

	/* The first octet says how lines end. */
	fmt_u64(&text, letter->octets + 1);
	str_append_text(&text, ":\n");
	session_put(s, str_view(&text));
	if (letter->fd >= 0)
		result = message_send(letter->fd, BODY_LF, s, &sent);
	else
		session_put(s, str_view(&letter->wire));
	if (result == MESSAGE_PARTIAL) /* a line without end is no harm here */
		result = MESSAGE_SENT;
	if (result == MESSAGE_SENT && sent != letter->octets)
		result = MESSAGE_UNREADABLE;
	str_clear(&text);
	str_append_byte(&text, ',');
	netstring_append(&text, a->task->sender);
	if (result == MESSAGE_SENT && !session_put(s, str_view(&text)))
		result = MESSAGE_DIED;
	str_free(&text);
	return result;
}

static void
send_recipients(struct attempt *a)
{
	const struct task *task = a->task;
	struct str all = { 0 }, text = { 0 };
	size_t i;

	for (i = 0; i < task->recipient_count; i++)
		if (recipient_is_sent(&task->recipients[i]))
			netstring_append(&all, task->recipients[i].address);
	netstring_append(&text, str_view(&all));
	session_put(&a->session, str_view(&text));
	str_free(&all);
	str_free(&text);
}

static bool
read_reply(struct session *s, struct qmtpreply *r)
{
	enum qmtpreply_status status;
	size_t used;

	qmtpreply_start(r);
	do {
		if (!session_fill(s))
			return false;
		status = qmtpreply_add(r, reader_buffered(&s->in), &used);
		reader_skip(&s->in, used);
	} while (status == QMTPREPLY_MORE);
	return status == QMTPREPLY_DONE;
}

static enum report_letter
letter_for(char answer)
{
	return answer == 'K' ? REPORT_ACCEPTED
	    : answer == 'Z'  ? REPORT_DEFERRED
			     : REPORT_REJECTED;
}

/* False: the connection died. */
static bool
take_reply(struct attempt *a, struct qmtpreply *r, size_t *accepted)
{
	struct str text = { 0 };

	if (!read_reply(&a->session, r))
		return false;
	str_append_text(&text, "qmtp: ");
	str_append(&text, str_view(&r->text));
	report_recipient_text(a->report, letter_for(r->letter), str_text(&text));
	*accepted += r->letter == 'K';
	str_free(&text);
	return true;
}

/* All is on the wire: from here on the server may have it, whatever we hear. */
static void
take_replies(struct attempt *a)
{
	const struct task *task = a->task;
	struct qmtpreply reply = { .max = task->controls.limits.reply_octets };
	size_t i, accepted = 0;
	bool alive = true;

	for (i = 0; i < task->recipient_count && alive; i++)
		if (recipient_is_sent(&task->recipients[i]))
			alive = take_reply(a, &reply, &accepted);
		else
			recipient_report_unsent(a->report, &task->recipients[i]);
	qmtpreply_free(&reply);
	if (!alive)
		attempt_report(a, REPORT_LATER,
		    " but connection died. Possible duplicate! (#4.4.2)", NULL);
	else if (accepted > 0)
		report_peer(a->report, REPORT_SUCCESS, "All received okay by ",
		    str_view(&a->peer), "", NULL);
	else
		report_peer(a->report, REPORT_FAILURE, "Giving up on ",
		    str_view(&a->peer), ".", NULL);
}

static void
deliver(struct attempt *a)
{
	struct letter letter = { .fd = -1 };
	enum message_result sent = MESSAGE_UNREADABLE;

	if (open_letter(a->task->message, &letter))
		sent = send_letter(a, &letter);
	str_free(&letter.wire);
	if (sent == MESSAGE_UNREADABLE) {
		report_message(
		    a->report, REPORT_LATER, "Unable to read message. (#4.3.0)");
		return;
	}
	if (sent != MESSAGE_SENT) {
		attempt_report_death(a);
		return;
	}
	pacing_mail_sent(a->pacing);
	if (a->before_dot)
		a->before_dot(a->context);
	send_recipients(a);
	take_replies(a);
}

/* The protocol has no AUTH, and without its credential the mail goes nowhere. */
static void
deliver_or_refuse(struct attempt *a)
{
	if (attempt_has_credential(a))
		attempt_report(a, REPORT_LATER,
		    " but it offers no usable AUTH mechanism. (#4.7.9)", NULL);
	else if (!a->task->watch) /* it asks nothing without a message */
		deliver(a);
	credential_wipe(&a->task->route.credential);
}

enum attempt_result
qmtp(struct attempt *a)
{
	enum starttls_result secured =
	    a->target->implicit_tls ? starttls_implicit(a) : starttls_without(a);
	bool ready = secured == STARTTLS_OK || secured == STARTTLS_NOT_USED;

	a->ended = TRANSACTION_NONE;
	tlsnote_finish(a);
	if (ready)
		deliver_or_refuse(a);
	session_drop(&a->session);
	return ready ? ATTEMPT_DONE : ATTEMPT_TRY_NEXT;
}
