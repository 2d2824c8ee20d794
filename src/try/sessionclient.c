#include "try/sessionclient.h"

#include "lib/base64.h"
#include "lib/fmt.h"
#include "lib/quote.h"
#include "lib/scan.h"
#include "server/starttls.h"
#include "smtp/reply.h"
#include "try/route.h"

static unsigned
say(struct sessionclient *c, const char *verb, struct view argument)
{
	struct str command = { 0 };
	unsigned code;

	str_append_text(&command, verb);
	str_append(&command, argument);
	code = sessiontalk_say(c->talk, str_view(&command), VIEW(""), VIEW(""));
	str_free(&command);
	return code;
}

static void
say_hello(struct sessionclient *c)
{
	const struct try_session *q = c->question;
	struct str name = { 0 };

	if (q->helo.len > 0) {
		str_append(&name, q->helo);
	} else {
		str_append_text(
		    &name, view_index(q->ip, ':') < q->ip.len ? "[IPv6:" : "[");
		str_append(&name, q->ip);
		str_append_byte(&name, ']');
	}
	say(c, "EHLO ", str_view(&name));
	str_free(&name);
}

static void
begin_tls(struct sessionclient *c)
{
	const struct try_session *q = c->question;

	if (!q->begins_tls && (q->user.len == 0 || !starttls_is_offered(c->session)))
		return;
	if (say(c, "STARTTLS", VIEW("")) == 220) {
		show_text(c->show, "would-begin", "TLS, taken to succeed", NULL);
		say_hello(c);
	}
}

/* What a client answers that has a user and the password "x". */
static void
make_login(const struct sessionclient *c, enum sasl_mechanism mechanism,
    struct str *command, struct str *behind)
{
	struct view user = c->question->user;
	struct str plain = { 0 };

	str_append_text(command, "AUTH ");
	str_append_text(command, sasl_mechanism_name(mechanism));
	if (mechanism == SASL_PLAIN)
		str_append_byte(&plain, '\0');
	str_append(&plain, user);
	if (mechanism == SASL_PLAIN) {
		str_append(&plain, (struct view) { "\0x", 2 });
	} else if (mechanism == SASL_CRAM_MD5) {
		str_append_text(&plain, " 00000000000000000000000000000000");
	}
	if (mechanism != SASL_CRAM_MD5)
		str_append_byte(command, ' ');
	base64_encode(mechanism == SASL_CRAM_MD5 ? behind : command, str_view(&plain));
	if (mechanism == SASL_LOGIN)
		base64_encode(behind, VIEW("x"));
	if (behind->len > 0)
		str_append_text(behind, "\r\n");
	str_free(&plain);
}

/* False: the user cannot log in. */
static bool
log_in(struct sessionclient *c)
{
	const bool *offers = c->settings->auth.offers;
	enum sasl_mechanism mechanism = offers[SASL_PLAIN] ? SASL_PLAIN
	    : offers[SASL_LOGIN]                           ? SASL_LOGIN
	    : offers[SASL_CRAM_MD5]                        ? SASL_CRAM_MD5
							   : SASL_PLAIN;
	struct str command = { 0 }, behind = { 0 }, shown = { 0 };

	if (c->question->user.len == 0)
		return true;
	if (!c->settings->auth.known)
		show_warning(c->show, NULL,
		    VIEW("without a program that checks passwords nobody logs in: put "
			 "qmail-smtpd and its arguments behind --"));
	make_login(c, mechanism, &command, &behind);
	str_append_text(&shown, "AUTH ");
	str_append_text(&shown, sasl_mechanism_name(mechanism));
	str_append_text(&shown, " [user ");
	str_append(&shown, c->question->user);
	str_append_text(&shown, ", password]");
	sessiontalk_say(c->talk, str_view(&command), str_view(&behind), str_view(&shown));
	str_free(&command);
	str_free(&behind);
	str_free(&shown);
	return c->session->auth.done;
}

static unsigned
say_mail(struct sessionclient *c)
{
	const struct try_session *q = c->question;
	struct str argument = { 0 };
	unsigned code;

	quote_address(&argument, q->sender);
	str_append_byte(&argument, '>');
	if (q->size.len > 0) {
		str_append_text(&argument, " SIZE=");
		str_append(&argument, q->size);
	}
	code = say(c, "MAIL FROM:<", str_view(&argument));
	str_free(&argument);
	return code;
}

/* Who let the recipient in: what makes the client a relay client, or the host's line and the list that
 * has the recipient. */
static void
show_relaying(struct sessionclient *c)
{
	const char *place = NULL;

	if (clientrule_sets(c->rule, "RELAYCLIENT"))
		place = c->rule->where.text;
	show_text(c->show, "decided",
	    c->session->auth.done                ? "relay client, as the user is known"
		: c->session->transaction.relays ? "relay client, by its sender"
						 : "relay client",
	    c->session->auth.done ? NULL : place);
}

static void
show_accepted(struct sessionclient *c, struct view recipient)
{
	struct address address = address_of(recipient);
	struct ruling why = { .check = NULL };
	struct origin place;

	if (c->session->relay_client) {
		show_relaying(c);
		return;
	}
	if (policy_is_open_relay(&c->settings->policy))
		show_text(c->show, "decided", "open relay: there is no control/rcpthosts",
		    NULL);
	else if (policy_find_host(&c->settings->policy, &address, &why) == ANSWER_YES &&
	    why.file) {
		origin_note(&place, why.file, why.line);
		show_text(c->show, "decided", "rcpthosts", place.text);
	}
	if (c->session->known_by)
		show_text(c->show, "known-by", c->session->known_by, NULL);
}

static void
say_recipient(struct sessionclient *c, struct view recipient)
{
	struct str argument = { 0 };
	unsigned code;

	quote_address(&argument, recipient);
	str_append_byte(&argument, '>');
	c->session->known_by = NULL;
	code = say(c, "RCPT TO:<", str_view(&argument));
	if (code / 100 == 2) {
		c->accepted++;
		show_accepted(c, recipient);
	}
	str_free(&argument);
}

/* --- the end -------------------------------------------------------------------------------------- */

/* What would happen to a message; it is not begun. */
static void
show_queue(struct sessionclient *c)
{
	const char *program = env_value("QMAILQUEUE");
	struct settings *settings = c->settings;
	uint64_t size = 0;
	struct reply reply = reply_named(REPLY_TOO_LARGE);
	struct str line = { 0 };

	show_text(c->show, "would-run", program ? program : "bin/qmail-queue",
	    clientrule_sets(c->rule, "QMAILQUEUE") ? c->rule->where.text : NULL);
	scan_u64(c->question->size, &size);
	if (settings->databytes && size > settings->databytes) {
		reply_format(&line, &reply);
		show_line(c->show, "at-end-of-data", view_trim_right(str_view(&line)),
		    "control/databytes");
		c->accepted = 0;
	}
	str_free(&line);
}

static int
show_result(struct sessionclient *c, bool is_known, bool has_sender)
{
	size_t count = c->question->count;
	struct str text = { 0 };

	if (!is_known) {
		str_append_text(&text, "the user would not be let in");
	} else if (!has_sender) {
		str_append_text(&text, "the sender would be refused");
	} else if (c->accepted == count) {
		str_append_text(&text,
		    count == 1 ? "the recipient would be accepted"
			       : "all recipients would be accepted");
	} else {
		fmt_u64(&text, c->accepted);
		str_append_text(&text, " of ");
		fmt_u64(&text, count);
		str_append_text(&text, " recipients would be accepted");
	}
	show_line(c->show, "result", str_view(&text), NULL);
	str_free(&text);
	return is_known && has_sender && c->accepted == count ? TRY_OK : TRY_FAILS;
}

int
sessionclient_converse(struct sessionclient *c)
{
	bool is_known, has_sender = false;
	size_t i;

	session_greet(c->session);
	writer_flush(&c->session->writer);
	sessiontalk_hear(c->talk);
	if (c->session->over || c->session->spp.refused) {
		show_text(c->show, "result", "the session would end here", NULL);
		return TRY_FAILS;
	}
	say_hello(c);
	begin_tls(c);
	is_known = log_in(c);
	if (is_known)
		has_sender = say_mail(c) / 100 == 2;
	for (i = 0; has_sender && i < c->question->count; i++)
		say_recipient(c, view_of(c->question->recipients[i]));
	if (c->accepted > 0)
		show_queue(c);
	say(c, "QUIT", VIEW(""));
	return show_result(c, is_known, has_sender);
}
