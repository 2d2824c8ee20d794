#include "client/lmtp.h"

#include "client/message.h"
#include "lib/quote.h"

enum {
	GREETING = 220,
	HELLO_ACCEPTED = 250,
	GO_AHEAD = 354,
	CLASS_OK = 2,
	CLASS_LATER = 4,
	CLASS_PERMANENT = 5,
};

/* --- reports -------------------------------------------------------------------------------------- */

static void
say(const struct lmtp *l, const char *before, const char *after, struct str *report)
{
	str_append_text(report, before);
	str_append_text(report, l->place);
	str_append_text(report, after);
	str_append_byte(report, '\n');
}

static void
quote_server(const struct session *s, struct str *report)
{
	str_append_text(report, "Remote host said: ");
	str_append(report, view_trim_right(str_view(&s->reply.text)));
	str_append_byte(report, '\n');
}

static enum lmtp_result
died(const struct lmtp *l, const char *how, struct str *report)
{
	say(l, "Connected to ", how, report);
	return LMTP_LATER;
}

/* The reply is no success. */
static enum lmtp_result
failed(const struct lmtp *l, const struct session *s, const char *before,
    const char *after, struct str *report)
{
	say(l, before, after, report);
	quote_server(s, report);
	return remotereply_class(&s->reply) == CLASS_PERMANENT ? LMTP_REFUSED
							       : LMTP_LATER;
}

static const char connection_died[] = " but connection died. (#4.4.2)";

/* --- the dialogue: each step says LMTP_DELIVERED when the next may follow -------------------------- */

/* A server that does not want us at all may want us when it is mended. */
static enum lmtp_result
hello(const struct lmtp *l, struct session *s, struct str *report)
{
	if (!session_hear(s))
		return died(l, connection_died, report);
	if (s->reply.code != GREETING) {
		failed(l, s, "Connected to ", " but greeting failed.", report);
		return LMTP_LATER;
	}
	if (!session_ask(s, "LHLO ", l->helo))
		return died(l, connection_died, report);
	if (s->reply.code != HELLO_ACCEPTED) {
		failed(l, s, "Connected to ", " but my name was rejected.", report);
		return LMTP_LATER;
	}
	capabilities_parse(&s->offers, str_view(&s->reply.text));
	return LMTP_DELIVERED;
}

static enum lmtp_result
mail(const struct lmtp *l, struct session *s, struct str *report)
{
	struct str argument = { 0 };
	bool alive;

	quote_address(&argument, l->sender);
	str_append_byte(&argument, '>');
	if (s->offers.eightbitmime)
		str_append_text(&argument, " BODY=8BITMIME");
	alive = session_ask(s, "MAIL FROM:<", str_view(&argument));
	str_free(&argument);
	if (!alive)
		return died(l, connection_died, report);
	if (remotereply_class(&s->reply) != CLASS_OK)
		return failed(l, s, "Connected to ", " but sender was rejected.", report);
	return LMTP_DELIVERED;
}

static enum lmtp_result
rcpt(const struct lmtp *l, struct session *s, struct str *report)
{
	struct str argument = { 0 };
	bool alive;

	quote_address(&argument, l->recipient);
	str_append_byte(&argument, '>');
	alive = session_ask(s, "RCPT TO:<", str_view(&argument));
	str_free(&argument);
	if (!alive)
		return died(l, connection_died, report);
	if (remotereply_class(&s->reply) != CLASS_OK)
		return failed(l, s, "", " does not like recipient.", report);
	return LMTP_DELIVERED;
}

/* What was said before the end of the message is no answer to it, but a refusal is believed. */
static enum lmtp_result
spoke_early(const struct lmtp *l, struct session *s, struct str *report)
{
	if (session_has_spoken(s) == ANSWER_YES && session_hear(s) &&
	    remotereply_class(&s->reply) >= CLASS_LATER)
		return failed(l, s, "", " failed before I had sent the message.", report);
	return died(l, connection_died, report);
}

static enum lmtp_result
send_octets(const struct lmtp *l, struct session *s, struct str *report)
{
	off_t end = message_length(l->message);
	enum message_result sent;
	uint64_t octets;

	if (l->first_line.len > 0) {
		session_put(s, view_trim_right(l->first_line));
		session_put(s, VIEW("\r\n"));
	}
	sent = message_send(l->message, BODY_DATA, s, &octets);
	if (sent != MESSAGE_DIED && message_is_cut(l->message, end))
		sent = MESSAGE_UNREADABLE;
	if (sent == MESSAGE_UNREADABLE) {
		str_append_text(report, "Unable to read message. (#4.3.0)\n");
		return LMTP_LATER;
	}
	/* A last line without an end gets one, as in an mbox. */
	if (sent == MESSAGE_PARTIAL && session_put(s, VIEW("\r\n")))
		sent = MESSAGE_SENT;
	if (sent != MESSAGE_SENT || session_has_spoken(s) != ANSWER_NO)
		return spoke_early(l, s, report);
	return LMTP_DELIVERED;
}

static enum lmtp_result
data(const struct lmtp *l, struct session *s, struct str *report)
{
	enum lmtp_result result;

	if (!session_ask(s, "DATA", VIEW("")))
		return died(l, connection_died, report);
	if (s->reply.code != GO_AHEAD)
		return failed(l, s, "", " failed on DATA command.", report);
	result = send_octets(l, s, report);
	if (result != LMTP_DELIVERED) {
		session_drop(s); /* without the end of the message: nothing was sent */
		return result;
	}
	if (!session_ask(s, ".", VIEW("")))
		return died(
		    l, " but connection died. Possible duplicate! (#4.4.2)", report);
	if (remotereply_class(&s->reply) != CLASS_OK)
		return failed(l, s, "", " failed after I sent the message.", report);
	say(l, "", " accepted message.", report);
	quote_server(s, report);
	return LMTP_DELIVERED;
}

enum lmtp_result
lmtp_deliver(const struct lmtp *l, struct session *s, struct str *report)
{
	static enum lmtp_result (*const steps[])(const struct lmtp *, struct session *,
	    struct str *) = { hello, mail, rcpt, data };
	enum lmtp_result result = LMTP_DELIVERED;
	size_t i;

	/* A line end would begin another command. */
	if (view_has_control(l->sender) || view_has_control(l->recipient)) {
		str_append_text(report,
		    "LMTP cannot transfer addresses with control characters. (#5.1.3)\n");
		session_quit(s);
		return LMTP_REFUSED;
	}
	for (i = 0; i < sizeof steps / sizeof *steps && result == LMTP_DELIVERED; i++)
		result = steps[i](l, s, report);
	session_quit(s);
	return result;
}
