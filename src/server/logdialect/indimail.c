/* indimail - "qmail-smtpd: pid P from IP ...": a line for each recipient of a message that was accepted,
 * and one for each refusal and failed login. */
#include <string.h>

#include "server/logdialect/logdialect.h"
#include "server/logdialect/words.h"

enum { LINES_MAX = 100 }; /* of one message */

static void
add_title(struct str *out, const struct logevent *e)
{
	words_add_u64(out, "qmail-smtpd: pid ", e->pid);
	words_add(out, " from ", e->log->ip);
	str_append_byte(out, ' ');
}

static void
add_tls(struct str *out, const struct logevent *e)
{
	words_add(out, " TLS=",
	    !e->has_tls             ? VIEW("No")
		: e->proto.len == 0 ? VIEW("Yes")
				    : e->proto);
}

/* By what right it is sent: who has logged in, whether the recipient is ours, or the address. */
static void
add_right(struct str *out, const struct logevent *e, bool is_local)
{
	words_add(out, "> AUTH <", e->user);
	if (e->user.len)
		words_add(out, ": AUTH ", e->method);
	if (is_local)
		str_append_text(out, e->user.len ? ": local-rcpt" : "local-rcpt");
	else if (e->user.len == 0)
		str_append_text(out, "auth-ip/pop");
}

/* " HELO <h> MAIL from <f> RCPT <r> AUTH <...> Size: N TLS=T" */
static void
add_mail(struct str *out, const struct logevent *e, const struct recipient *r)
{
	words_add(out, "HELO <", e->helo);
	words_add(out, "> MAIL from <", e->sender);
	words_add(out, "> RCPT <", r->address);
	add_right(out, e, r->is_local);
	words_add_u64(out, "> Size: ", e->octets);
	add_tls(out, e);
}

static void
add_accepted(struct str *out, const struct logevent *e)
{
	const struct recipient *r;
	unsigned lines = 0;

	for (r = e->transaction->first; r && lines < LINES_MAX; r = r->next, lines++) {
		add_title(out, e);
		str_append_byte(out, ' ');
		add_mail(out, e, r);
		str_append_byte(out, '\n');
	}
}

static void
add_refused_message(struct str *out, const struct logevent *e)
{
	if (words_is_check(e, "databytes")) {
		words_add(out, "data size exceeded: MAIL from <", e->sender);
		words_add(out, "> RCPT <", e->recipient);
		words_add_u64(out, "> Size: ", e->octets);
		return;
	}
	words_add(out, "", e->why->reply.text);
	str_append_text(
	    out, e->why->reply.code >= 500 ? " (permanent): " : " (temporary): ");
	add_mail(out, e, e->transaction->first);
	words_add_u64(out, " qp ", e->qp);
}

/* What our check is called there, in front of the envelope. */
static const char *
name_of(const struct logevent *e)
{
	if (words_is_check(e, "rcpthosts"))
		return "Invalid RELAY client";
	if (words_is_check(e, "forceauthmailfrom") || words_is_check(e, "senders"))
		return "Invalid SENDER";
	if (words_is_check(e, "badrcptto") || words_is_about_existence(e))
		return "Invalid RECIPIENT address";
	if (words_is_check(e, "maxrcpt") || words_is_check(e, "maxrecipients"))
		return "Too many RECIPIENTS";
	return e->why->check;
}

static void
add_refused_command(struct str *out, const struct logevent *e)
{
	bool is_too_many =
	    words_is_check(e, "maxrcpt") || words_is_check(e, "maxrecipients");

	str_append_text(out, name_of(e));
	words_add(out, ": MAIL from <", e->sender);
	if (e->place == LOGEVENT_AT_RCPT)
		words_add(out, is_too_many ? "> Last RCPT <" : "> RCPT <", e->recipient);
	str_append_byte(out, '>');
	if (e->user.len) {
		words_add(out, ", Auth <", e->user);
		str_append_byte(out, '>');
	}
}

static void
add_refused(struct str *out, const struct logevent *e)
{
	add_title(out, e);
	if (e->place == LOGEVENT_AT_DATA) {
		add_refused_message(out, e);
	} else if (words_is_check(e, "badhelo")) {
		words_add(out, "Invalid HELO greeting: HELO <", e->helo);
		words_add(out, "> FQDN <", e->remote_host);
		str_append_byte(out, '>');
	} else if (words_is_check(e, "badmailfrom")) {
		words_add(out, "Invalid SENDER address: BAD MAIL from <", e->sender);
		str_append_byte(out, '>');
	} else if (words_is_check(e, "mfcheck")) {
		words_add(out, "Non-existing DNS_MX: MAIL ", e->sender);
	} else if (words_is_check(e, "spf")) {
		words_add(out, "MAIL from <", e->sender);
		words_add(out, "> ", e->why->reply.text);
	} else if (words_is_check(e, "greetdelay")) {
		str_append_text(out, "SMTP Protocol violation - Early Talking");
	} else {
		add_refused_command(out, e);
	}
	str_append_byte(out, '\n');
}

static void
add_failed_login(struct str *out, const struct logevent *e)
{
	if (strcmp(e->result, "ok") == 0)
		return;
	add_title(out, e);
	words_add(out, " AUTH USER [", e->login);
	str_append_text(
	    out, strcmp(e->result, "failed") == 0 ? "] status=[1]" : "] status=[-1]");
	words_add(out, " AUTH ", e->mechanism);
	add_tls(out, e);
	str_append_text(out, " auth failure\n");
}

static void
add_end(struct str *out, const struct logevent *e)
{
	add_title(out, e);
	if (view_equal(e->reason, VIEW("timeout")))
		str_append_text(out, "timeout reached reading data from client");
	else if (view_equal(e->reason, VIEW("sigterm")))
		str_append_text(out, "going down on SIGTERM");
	else if (view_equal(e->reason, VIEW("bare-lf")))
		str_append_text(out, "Bare LF received");
	else if (view_equal(e->reason, VIEW("controls")))
		str_append_text(out, "unable to read controls");
	else
		words_add(out, "read error: ", e->reason);
	str_append_byte(out, '\n');
}

void
logdialect_indimail(const struct logevent *e, struct str *out)
{
	switch (e->kind) {
	case LOGEVENT_AUTH:
		add_failed_login(out, e);
		break;
	case LOGEVENT_ACCEPT:
		add_accepted(out, e);
		break;
	case LOGEVENT_REFUSE:
		add_refused(out, e);
		break;
	case LOGEVENT_END:
		add_end(out, e);
		break;
	default:
		break;
	}
}
