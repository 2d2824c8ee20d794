#include "server/commands.h"

#include "config/control.h"
#include "server/authdialogue.h"
#include "server/bdat.h"
#include "server/data.h"
#include "server/ehlo.h"
#include "server/envelope.h"
#include "server/log.h"
#include "server/sessionreply.h"
#include "server/starttls.h"

enum command_flag {
	AFTER_MAIL = 1, /* 503 without a transaction */
	AFTER_RCPT = 2, /* 503 without a recipient */
	BEFORE_TLS = 4, /* allowed while TLS is required and not there (RFC 3207 4) */
	BATCHED = 8,    /* its reply waits for those of the commands behind it (2.1.5) */
	MANY_ERRORS =
	    16, /* a refusal is no error of the client: lists have dead addresses */
	BETWEEN_CHUNKS = 32, /* allowed when a message has begun by BDAT */
	HAS_CHUNK = 64,      /* octets follow the command, whatever is answered */
};

/* Unknown verbs, and known ones that are not done here.  By dialect; no row: 502. */
static const struct {
	unsigned code;
	const char *status, *text;
} unknown_verb[] = {
	[DIALECT_SAGREDO] = { 500, "5.5.2", "unrecognised" },
	[DIALECT_SQMAIL] = { 500, "5.5.1", "unimplemented" },
	[DIALECT_INDIMAIL] = { 500, "5.5.2", "command unrecognised" },
	[DIALECT_LDAP] = { 0 },
};

void
commands_refuse_verb(struct session *s)
{
	enum dialect dialect = s->settings->dialect;
	struct reply reply = reply_named(REPLY_UNIMPLEMENTED);

	if (unknown_verb[dialect].code)
		reply_set(&reply, unknown_verb[dialect].code,
		    unknown_verb[dialect].status, unknown_verb[dialect].text);
	session_reply_with(s, &reply);
}

/* A verb that nobody knows, which not even a client that tries things out says often; maxnotimpl is
 * mailfront's, and so is the reply. */
static void
refuse_unknown_verb(struct session *s)
{
	struct ruling why = { .check = "maxnotimpl",
		.file = env_value("MAXNOTIMPL") ? "MAXNOTIMPL" : "control/maxnotimpl" };
	struct session_unknown *unknown = &s->unknown_verbs;
	struct problem problem;

	if (!s->settings->strict && !unknown->known &&
	    control_number_env("control/maxnotimpl", "MAXNOTIMPL", &unknown->most,
		&problem) == ANSWER_ERROR) {
		session_no_controls(s, &problem);
		return;
	}
	unknown->known = true;
	if (!unknown->most || ++unknown->count <= unknown->most) {
		commands_refuse_verb(s);
		return;
	}
	reply_set(&why.reply, 503, NULL, "5.5.0 Too many unimplemented commands.");
	session_reply_more(s, &why.reply);
	reply_set(&why.reply, 503, NULL, "5.5.0 Closing connection.");
	session_refuse_with(s, &why);
	session_close(s, "maxnotimpl");
}

/* HELO and EHLO begin anew.  False: that was refused. */
static bool
take_hello(struct session *s, struct view argument)
{
	if (!spp_accepts_helo(s, argument))
		return false;
	message_reset(s);
	s->said_helo = true;
	str_set(&s->helo, argument);
	helodns_forget(s);
	return true;
}

static void
do_helo(struct session *s, struct view argument)
{
	struct reply reply = { 250, str_view(&s->settings->name), VIEW("") };

	if (take_hello(s, argument))
		session_reply_plain(s, &reply);
}

static void
do_ehlo(struct session *s, struct view argument)
{
	if (take_hello(s, argument))
		ehlo_reply(s);
}

static void
do_rset(struct session *s, struct view argument)
{
	(void)argument;
	message_reset(s);
	spp_reset(s);
	session_reply(s, REPLY_FLUSHED);
}

static void
do_noop(struct session *s, struct view argument)
{
	(void)argument;
	session_reply(s, REPLY_OK);
}

static void
do_vrfy(struct session *s, struct view argument)
{
	(void)argument;
	session_reply(s, REPLY_VRFY);
}

static void
do_help(struct session *s, struct view argument)
{
	(void)argument;
	session_reply(s, s->settings->strict ? REPLY_HELP_STOCK : REPLY_HELP);
}

static void
do_quit(struct session *s, struct view argument)
{
	struct reply reply = { 221, str_view(&s->settings->name), VIEW("") };

	(void)argument;
	session_reply_with(s, &reply);
	session_close(s, NULL);
}

static const struct row {
	const char *verb;
	unsigned flags;
	void (*run)(struct session *s, struct view argument);
} rows[] = {
	{ "RCPT", AFTER_MAIL | BATCHED | MANY_ERRORS, envelope_rcpt },
	{ "MAIL", BATCHED, envelope_mail },
	{ "DATA", AFTER_MAIL | AFTER_RCPT, data_take },
	{ "QUIT", BEFORE_TLS | BETWEEN_CHUNKS, do_quit },
	{ "HELO", BEFORE_TLS | BETWEEN_CHUNKS, do_helo },
	{ "EHLO", BEFORE_TLS | BETWEEN_CHUNKS, do_ehlo },
	{ "RSET", BEFORE_TLS | BATCHED | BETWEEN_CHUNKS, do_rset },
	{ "BDAT", AFTER_MAIL | AFTER_RCPT | BETWEEN_CHUNKS | HAS_CHUNK, bdat_take },
	{ "HELP", BETWEEN_CHUNKS, do_help },
	{ "NOOP", BEFORE_TLS | BETWEEN_CHUNKS, do_noop },
	{ "VRFY", BETWEEN_CHUNKS, do_vrfy },
	{ "STARTTLS", BEFORE_TLS, starttls_run },
	{ "AUTH", 0, auth_run },
};

/* NULL: a verb that is not known, or not in this session. */
static const struct row *
row_of(struct session *s, struct command command)
{
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows && !command.has_nul; i++)
		if (view_equal_nocase(command.verb, view_of(rows[i].verb)))
			return (rows[i].flags & HAS_CHUNK) && !bdat_is_offered(s)
			    ? NULL
			    : &rows[i];
	return NULL;
}

/* What the table itself answers.  True if it did. */
static bool
is_refused_by_table(struct session *s, const struct row *row)
{
	if (s->spp.refused && row->run != do_quit) {
		session_reply(s, REPLY_NO_SERVICE);
		return true;
	}
	if (!(row->flags & BEFORE_TLS) && starttls_refuses(s, row->run == envelope_mail))
		return true;
	if (s->message.open && !(row->flags & BETWEEN_CHUNKS))
		session_reply(s, REPLY_IN_CHUNKS);
	else if ((row->flags & AFTER_MAIL) && !s->transaction.open)
		session_reply(s, REPLY_WANT_MAIL);
	else if ((row->flags & AFTER_RCPT) &&
	    s->transaction.count + s->transaction.rcpt_dropped == 0)
		session_reply(s, REPLY_WANT_RCPT);
	else
		return false;
	return true;
}

void
commands_run(struct session *s, struct command command)
{
	const struct row *row = row_of(s, command);

	if (!row) {
		refuse_unknown_verb(s);
	} else {
		s->errors_count = !(row->flags & MANY_ERRORS);
		if (!is_refused_by_table(s, row))
			row->run(s, command.argument);
		else if (row->flags & HAS_CHUNK)
			bdat_skip(s, command.argument);
	}
	server_log_command(s, command.verb);
	if (!row || !(row->flags & BATCHED))
		writer_flush(&s->writer);
}
