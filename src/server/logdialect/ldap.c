/* ldap - "qmail-smtpd P: ...", qmail-ldap's, as much as LOGLEVEL asks for: 0 nothing, 1 errors, 2 (the
 * default) also connections, envelopes and messages, 3 also refusals, 4 also each command. */
#include <stdint.h>
#include <string.h>

#include "server/logdialect/logdialect.h"
#include "server/logdialect/words.h"

enum level { ERRORS = 1, MAIL, REFUSALS, EVERYTHING };

static bool
begin(struct str *out, const struct logevent *e, enum level level)
{
	if (e->level < (uint64_t)level)
		return false;
	words_add_u64(out, "qmail-smtpd ", e->pid);
	str_append_text(out, ": ");
	return true;
}

static void
add(struct str *out, const struct logevent *e, enum level level, const char *text,
    struct view value)
{
	if (!begin(out, e, level))
		return;
	words_add(out, text, value);
	str_append_byte(out, '\n');
}

static void
add_connection(struct str *out, const struct logevent *e)
{
	if (!begin(out, e, MAIL))
		return;
	words_add(out, "connection from ", e->log->ip);
	words_add(out, " (", e->remote_host);
	if (e->remote_info.len)
		words_add(out, ", ", e->remote_info);
	words_add(out, ") to ", e->local);
	str_append_byte(out, '\n');
}

static void
add_message(struct str *out, const struct logevent *e)
{
	if (!begin(out, e, MAIL))
		return;
	words_add_u64(out, "message queued: ", (uint64_t)e->now);
	words_add_u64(out, " qp ", e->qp);
	words_add_u64(out, " size ", e->octets);
	str_append_text(out, " bytes\n");
}

static void
add_handshake(struct str *out, const struct logevent *e)
{
	if (strcmp(e->result, "ok") != 0) {
		add(out, e, REFUSALS, "aborting TLS connection: ", e->reason);
	} else if (begin(out, e, REFUSALS)) {
		words_add(out, "STARTTLS proto=", e->proto);
		words_add(out, "; cipher=", e->cipher);
		str_append_byte(out, '\n');
	}
}

static void
add_login(struct str *out, const struct logevent *e)
{
	if (strcmp(e->result, "ok") == 0)
		add(out, e, MAIL, "authentication success, user ", e->login);
	else
		add(out, e, REFUSALS, "authentication failed: ", e->login);
}

static void
add_command(struct str *out, const struct logevent *e)
{
	static const struct {
		const char *verb, *text;
		bool has_name;
	} verbs[] = {
		{ "HELO", "remote helo: ", true },
		{ "EHLO", "remote ehlo: ", true },
		{ "RSET", "remote rset", false },
		{ "NOOP", "'noop'", false },
		{ "HELP", "help requested", false },
		{ "QUIT", "quit, closing connection", false },
	};
	size_t i;

	for (i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (view_equal_nocase(e->verb, view_of(verbs[i].verb)))
			add(out, e, EVERYTHING, verbs[i].text,
			    verbs[i].has_name ? e->helo : VIEW(""));
}

enum subject { NOBODY, SENDER, RECIPIENT };

/* No row: the check's name, and whom the command was about. */
static const struct row {
	const char *check, *text;
	enum subject subject;
} rows[] = {
	{ "auth", "auth needed", NOBODY },
	{ "badmailfrom", "bad mailfrom: ", SENDER },
	{ "badrcptto", "'rcpt to' denied via badrcptto: ", RECIPIENT },
	{ "hops", "too many hops, message is looping", NOBODY },
	{ "maxrcpt",
	    "message denied because of more 'RCPT TO' than allowed by MAXRCPTCOUNT",
	    NOBODY },
	{ "mfcheck", "refused mailfrom because return MX lookup failed: ", SENDER },
	{ "rcpthosts", "no mail relay for 'rcpt to': ", RECIPIENT },
};

static void
add_refused_command(struct str *out, const struct logevent *e)
{
	struct view subjects[] = { VIEW(""), e->sender, e->recipient };
	size_t i;

	if (words_is_about_existence(e)) {
		add(out, e, MAIL, "bad recipient: ", e->recipient);
		return;
	}
	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		if (words_is_check(e, rows[i].check)) {
			add(out, e, REFUSALS, rows[i].text, subjects[rows[i].subject]);
			return;
		}
	if (!begin(out, e, REFUSALS))
		return;
	str_append_text(out, e->why->check);
	words_add(out, ": ", e->place == LOGEVENT_AT_RCPT ? e->recipient : e->sender);
	str_append_byte(out, '\n');
}

static void
add_refused(struct str *out, const struct logevent *e)
{
	bool is_message = e->place == LOGEVENT_AT_DATA;

	if (words_is_check(e, "databytes"))
		add(out, e, REFUSALS,
		    is_message ? "datasize limit exceeded"
			       : "message denied because: 'SMTP SIZE' too big",
		    VIEW(""));
	else if (words_is_check(e, "queue"))
		add(out, e, ERRORS,
		    e->why->reply.code >= 500
			? "message permanently not accepted because: "
			: "message temporarly not accepted because: ",
		    e->why->reply.text);
	else
		add_refused_command(out, e);
}

static void
add_end(struct str *out, const struct logevent *e)
{
	if (view_equal(e->reason, VIEW("timeout")))
		add(out, e, ERRORS, "connection timed out, closing connection", VIEW(""));
	else if (view_equal(e->reason, VIEW("controls")))
		add(out, e, ERRORS, "unable to read controls, closing connection",
		    VIEW(""));
	else if (view_equal(e->reason, VIEW("bare-lf")))
		add(out, e, ERRORS, "stray new line detected, closing connection",
		    VIEW(""));
	else if (view_equal(e->reason, VIEW("write-error")))
		add(out, e, ERRORS, "write error, connection closed", VIEW(""));
	else
		add(out, e, ERRORS, "read error or connection closed", VIEW(""));
}

void
logdialect_ldap(const struct logevent *e, struct str *out)
{
	switch (e->kind) {
	case LOGEVENT_CONNECT:
		add_connection(out, e);
		break;
	case LOGEVENT_COMMAND:
		add_command(out, e);
		break;
	case LOGEVENT_TLS:
		add_handshake(out, e);
		break;
	case LOGEVENT_AUTH:
		add_login(out, e);
		break;
	case LOGEVENT_SENDER:
		add(out, e, MAIL, "mail from: ", e->sender);
		break;
	case LOGEVENT_RCPT:
		add(out, e, MAIL, "rcpt to: ", e->recipient);
		break;
	case LOGEVENT_ACCEPT:
		add_message(out, e);
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
