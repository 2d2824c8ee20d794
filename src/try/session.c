#include "try/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base64.h"
#include "lib/complain.h"
#include "lib/fmt.h"
#include "lib/mem.h"
#include "lib/quote.h"
#include "lib/scan.h"
#include "server/starttls.h"
#include "smtp/reply.h"
#include "try/clientrule.h"
#include "try/rehearsal.h"
#include "try/route.h"
#include "try/sessionenv.h"
#include "try/sessiontalk.h"
#include "try/show.h"
#include "try/viewer.h"

/* One run. */
struct run {
	const struct try_session *question;
	struct show show;
	struct viewer viewer;
	struct clientrule rule;
	struct sessionenv environment;
	struct settings settings;
	struct peer peer;
	struct session *session;
	struct sessiontalk talk;
	struct rehearsal rehearsal;
	size_t accepted; /* recipients */
};

/* --- what is known before ------------------------------------------------------------------------- */

static void
show_client(struct run *r)
{
	const struct try_session *q = r->question;
	struct str text = { 0 };

	str_append(&text, q->ip);
	str_append_text(&text, ", ");
	str_append(&text, q->host.len > 0 ? q->host : VIEW("without a name"));
	show_line(&r->show, "client", str_view(&text), NULL);
	str_free(&text);
}

static void
show_mode(struct run *r)
{
	static const char *const names[] = { "notqmail", "sagredo", "jms1", "sqmail",
		"indimail", "ldap" };

	show_text(&r->show, "dialect",
	    r->settings.strict ? "none: strict mode" : names[r->settings.dialect], NULL);
}

/* qmail-smtpd cannot even greet. */
static int
no_controls(struct run *r, const struct problem *problem)
{
	struct reply reply = reply_named(REPLY_NO_CONTROLS);
	struct str line = { 0 };

	reply_format(&line, &reply);
	show_line(&r->show, "reply", view_trim_right(str_view(&line)), NULL);
	show_problem(&r->show, problem);
	show_text(&r->show, "result", "no session: mail has to wait", NULL);
	str_free(&line);
	return problem->error == EACCES && r->viewer.is_other ? TRY_TROUBLE : TRY_FAILS;
}

/* --- the dialogue --------------------------------------------------------------------------------- */

static unsigned
say(struct run *r, const char *verb, struct view argument)
{
	struct str command = { 0 };
	unsigned code;

	str_append_text(&command, verb);
	str_append(&command, argument);
	code = sessiontalk_say(&r->talk, str_view(&command), VIEW(""), VIEW(""));
	str_free(&command);
	return code;
}

static void
say_hello(struct run *r)
{
	const struct try_session *q = r->question;
	struct str name = { 0 };

	if (q->helo.len > 0) {
		str_append(&name, q->helo);
	} else {
		str_append_text(
		    &name, view_index(q->ip, ':') < q->ip.len ? "[IPv6:" : "[");
		str_append(&name, q->ip);
		str_append_byte(&name, ']');
	}
	say(r, "EHLO ", str_view(&name));
	str_free(&name);
}

static void
begin_tls(struct run *r)
{
	const struct try_session *q = r->question;

	if (!q->begins_tls && (q->user.len == 0 || !starttls_is_offered(r->session)))
		return;
	if (say(r, "STARTTLS", VIEW("")) == 220) {
		show_text(&r->show, "would-begin", "TLS, taken to succeed", NULL);
		say_hello(r);
	}
}

/* What a client answers that has a user and the password "x". */
static void
make_login(const struct run *r, enum sasl_mechanism mechanism, struct str *command,
    struct str *behind)
{
	struct view user = r->question->user;
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
log_in(struct run *r)
{
	const bool *offers = r->settings.auth.offers;
	enum sasl_mechanism mechanism = offers[SASL_PLAIN] ? SASL_PLAIN
	    : offers[SASL_LOGIN]                           ? SASL_LOGIN
	    : offers[SASL_CRAM_MD5]                        ? SASL_CRAM_MD5
							   : SASL_PLAIN;
	struct str command = { 0 }, behind = { 0 }, shown = { 0 };

	if (r->question->user.len == 0)
		return true;
	if (!r->settings.auth.known)
		show_warning(&r->show, NULL,
		    VIEW("without a program that checks passwords nobody logs in: put "
			 "qmail-smtpd and its arguments behind --"));
	make_login(r, mechanism, &command, &behind);
	str_append_text(&shown, "AUTH ");
	str_append_text(&shown, sasl_mechanism_name(mechanism));
	str_append_text(&shown, " [user ");
	str_append(&shown, r->question->user);
	str_append_text(&shown, ", password]");
	sessiontalk_say(
	    &r->talk, str_view(&command), str_view(&behind), str_view(&shown));
	str_free(&command);
	str_free(&behind);
	str_free(&shown);
	return r->session->auth.done;
}

static unsigned
say_mail(struct run *r)
{
	const struct try_session *q = r->question;
	struct str argument = { 0 };
	unsigned code;

	quote_address(&argument, q->sender);
	str_append_byte(&argument, '>');
	if (q->size.len > 0) {
		str_append_text(&argument, " SIZE=");
		str_append(&argument, q->size);
	}
	code = say(r, "MAIL FROM:<", str_view(&argument));
	str_free(&argument);
	return code;
}

/* Who let the recipient in: what makes the client a relay client, or the host's line and the list that
 * has the recipient. */
static void
show_relaying(struct run *r)
{
	const char *place = NULL;

	if (clientrule_sets(&r->rule, "RELAYCLIENT"))
		place = r->rule.where.text;
	show_text(&r->show, "decided",
	    r->session->auth.done                ? "relay client, as the user is known"
		: r->session->transaction.relays ? "relay client, by its sender"
						 : "relay client",
	    r->session->auth.done ? NULL : place);
}

static void
show_accepted(struct run *r, struct view recipient)
{
	struct address address = address_of(recipient);
	struct ruling why = { .check = NULL };
	struct origin place;

	if (r->session->relay_client) {
		show_relaying(r);
		return;
	}
	if (policy_is_open_relay(&r->settings.policy))
		show_text(&r->show, "decided",
		    "open relay: there is no control/rcpthosts", NULL);
	else if (policy_find_host(&r->settings.policy, &address, &why) == ANSWER_YES &&
	    why.file) {
		origin_note(&place, why.file, why.line);
		show_text(&r->show, "decided", "rcpthosts", place.text);
	}
	if (r->session->known_by)
		show_text(&r->show, "known-by", r->session->known_by, NULL);
}

static void
say_recipient(struct run *r, struct view recipient)
{
	struct str argument = { 0 };
	unsigned code;

	quote_address(&argument, recipient);
	str_append_byte(&argument, '>');
	r->session->known_by = NULL;
	code = say(r, "RCPT TO:<", str_view(&argument));
	if (code / 100 == 2) {
		r->accepted++;
		show_accepted(r, recipient);
	}
	str_free(&argument);
}

/* --- the end -------------------------------------------------------------------------------------- */

/* What would happen to a message; it is not begun. */
static void
show_queue(struct run *r)
{
	const char *program = env_value("QMAILQUEUE");
	struct settings *settings = &r->settings;
	uint64_t size = 0;
	struct reply reply = reply_named(REPLY_TOO_LARGE);
	struct str line = { 0 };

	show_text(&r->show, "would-run", program ? program : "bin/qmail-queue",
	    clientrule_sets(&r->rule, "QMAILQUEUE") ? r->rule.where.text : NULL);
	scan_u64(r->question->size, &size);
	if (settings->databytes && size > settings->databytes) {
		reply_format(&line, &reply);
		show_line(&r->show, "at-end-of-data", view_trim_right(str_view(&line)),
		    "control/databytes");
		r->accepted = 0;
	}
	str_free(&line);
}

static int
show_result(struct run *r, bool is_known, bool has_sender)
{
	size_t count = r->question->count;
	struct str text = { 0 };

	if (!is_known) {
		str_append_text(&text, "the user would not be let in");
	} else if (!has_sender) {
		str_append_text(&text, "the sender would be refused");
	} else if (r->accepted == count) {
		str_append_text(&text,
		    count == 1 ? "the recipient would be accepted"
			       : "all recipients would be accepted");
	} else {
		fmt_u64(&text, r->accepted);
		str_append_text(&text, " of ");
		fmt_u64(&text, count);
		str_append_text(&text, " recipients would be accepted");
	}
	show_line(&r->show, "result", str_view(&text), NULL);
	str_free(&text);
	return is_known && has_sender && r->accepted == count ? TRY_OK : TRY_FAILS;
}

static int
converse(struct run *r)
{
	bool is_known, has_sender = false;
	size_t i;

	session_greet(r->session);
	writer_flush(&r->session->writer);
	sessiontalk_hear(&r->talk);
	if (r->session->over || r->session->spp.refused) {
		show_text(&r->show, "result", "the session would end here", NULL);
		return TRY_FAILS;
	}
	say_hello(r);
	begin_tls(r);
	is_known = log_in(r);
	if (is_known)
		has_sender = say_mail(r) / 100 == 2;
	for (i = 0; has_sender && i < r->question->count; i++)
		say_recipient(r, view_of(r->question->recipients[i]));
	if (r->accepted > 0)
		show_queue(r);
	say(r, "QUIT", VIEW(""));
	return show_result(r, is_known, has_sender);
}

static int
run_session(struct run *r)
{
	int status;

	r->session = mem_alloc(sizeof *r->session);
	peer_from_environment(&r->peer, r->settings.strict);
	session_start(r->session, &r->settings, &r->peer);
	r->session->is_rehearsal = true;
	sessiontalk_listen(&r->talk, r->session);
	rehearsal_begin(&r->rehearsal, &r->show, r->session);
	if (!r->question->asks_dns)
		r->session->resolver = rehearsal_resolver(&r->rehearsal);
	status = converse(r);
	session_end(r->session);
	rehearsal_end(&r->rehearsal);
	mem_free(r->session);
	return status;
}

/* Settings first: what they say is before the greeting. */
static int
run(struct run *r)
{
	static char name[] = "qmail-smtpd";
	static char *alone[] = { name, NULL };
	const struct try_session *q = r->question;
	struct problem problem = { 0 };
	int status;

	if (r->rule.rule.denies) {
		show_text(&r->show, "result",
		    "tcpserver would close the connection at once", r->rule.where.text);
		return TRY_FAILS;
	}
	sessionenv_make(&r->environment, q, &r->rule);
	if (settings_read(&r->settings, q->argc ? q->argc : 1, q->argc ? q->argv : alone,
		&problem) == ANSWER_ERROR) {
		status = no_controls(r, &problem);
	} else {
		show_mode(r);
		status = run_session(r);
	}
	settings_free(&r->settings);
	return status;
}

/* What is shown goes to a descriptor that is no session's. */
static int
move_output(struct run *r)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);

	if (fd < 0 || sessiontalk_open(&r->talk, &r->show) < 0) {
		complain("qmail-try: fatal: ", strerror(errno), (char *)NULL);
		return -1;
	}
	r->show.fd = fd;
	return 0;
}

int
try_session(const struct try_session *question)
{
	const struct tcprules_client client = { question->ip, question->host, VIEW("") };
	struct run r = { .question = question, .talk = { .fd = -1, .log = { -1, -1 } } };
	int status = TRY_TROUBLE;

	show_init(&r.show, STDOUT_FILENO);
	if (move_output(&r) == 0 &&
	    viewer_become(&r.viewer, &viewer_of_smtpd, &r.show) == 0) {
		show_client(&r);
		if (clientrule_find(&r.rule, question->rules, &client, &r.show) ==
		    ANSWER_YES)
			status = run(&r);
		else
			show_text(&r.show, "result",
			    "nobody knows: without its rules tcpserver drops connections",
			    NULL);
	}
	sessiontalk_close(&r.talk);
	sessionenv_end(&r.environment);
	clientrule_free(&r.rule);
	show_free(&r.show);
	return status;
}
