#include "server/session.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "dns/cache.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "os/os.h"
#include "os/signals.h"
#include "server/authdialogue.h"
#include "server/commands.h"
#include "server/delay.h"
#include "server/log.h"
#include "server/sessionreply.h"
#include "server/starttls.h"
#include "smtp/command.h"

enum { LONG_LINES_MAX = 3 };

/* --- start and end ------------------------------------------------------------------------------ */

/* SIGTERM waits in a descriptor, which every wait for the client looks at too.  A handler would
 * speak in the middle of a reply, and could not log. */
static void
listen_to_sigterm(struct session *s)
{
	static const int list[] = { SIGTERM, 0 };

	s->sigterm_fd = s->reader.wake_fd = s->writer.wake_fd = os_signal_fd(list);
	if (s->sigterm_fd < 0)
		os_signal_block(SIGTERM, false);
}

void
session_sigterm_kills(struct session *s, bool kills)
{
	if (s->sigterm_fd >= 0)
		os_signal_block(SIGTERM, !kills);
}

static void
make_sid(struct session *s)
{
	uint16_t random;

	os_random(&random, sizeof random);
	sid_make(s->sid, (int64_t)time(NULL), getpid(), random);
}

/* A line that grows leaves its beginning where it was: no password may be among that. */
static void
reserve_line(struct session *s)
{
	const struct limits *limits = &s->settings->limits;
	uint64_t most = limits->auth_line > limits->command_line ? limits->auth_line
								 : limits->command_line;

	if (s->settings->auth.on)
		str_reserve(&s->line, most);
}

void
session_start(struct session *s, struct settings *settings, const struct peer *peer)
{
	struct session_buffers *buffers = mem_pages(sizeof *buffers);
	int64_t timeout_ms = (int64_t)settings->timeout * 1000;

	*s = (struct session) { .settings = settings,
		.peer = peer,
		.buffers = buffers,
		.relay_client = settings->relay_client,
		.sigterm_fd = -1,
		.status = EXIT_SESSION_BROKEN,
		.end = deadline_never() };
	writer_init(
	    &s->writer, SESSION_OUT, buffers->out, sizeof buffers->out, timeout_ms);
	reader_init(&s->reader, SESSION_IN, buffers->in, sizeof buffers->in, timeout_ms,
	    &s->writer);
	str_set(&s->helo, peer->host);
	helper_init(&s->tls.server.helper);
	rcpt_client_init(&s->rcpt, (int64_t)settings->limits.helper_start_ms);
	if (settings->strict)
		return;
	make_sid(s);
	s->log = (struct log) { settings->program, settings->log_level, STDERR_FILENO,
		view_of(s->sid), peer->ip };
	s->end = deadline_in((int64_t)settings->limits.session);
	s->reader.deadline = s->writer.deadline = s->end;
	s->began_ms = os_monotonic_ms();
	reserve_line(s);
	listen_to_sigterm(s);
}

int
session_end(struct session *s)
{
	if (writer_flush(&s->writer) < 0)
		s->status = EXIT_SESSION_BROKEN;
	starttls_end(s);
	rcpt_client_free(&s->rcpt);
	message_free(s);
	transaction_free(&s->transaction);
	arena_free(&s->scratch);
	env_list_free(&s->environment);
	str_free(&s->line);
	str_free(&s->helo);
	str_free(&s->auth.user);
	sessioncap_end(s);
	store_rest(&s->store);
	spf_free(&s->spf);
	contentrules_free(&s->content);
	scanvirus_free(&s->virus);
	scanspam_free(&s->spam);
	submission_free(&s->submission);
	spp_free(&s->spp);
	empf_free(&s->empf);
	dnschecks_free(&s->dnschecks);
	greylist_free(&s->greylist);
	ownip_free(&s->ownip);
	if (s->resolver)
		resolver_free(s->resolver);
	mem_pages_free(s->buffers, sizeof *s->buffers);
	str_free(&s->auth.senders);
	env_list_free(&s->auth.before);
	fd_close(&s->sigterm_fd);
	return (int)s->status;
}

void
session_greet(struct session *s)
{
	struct reply greeting = { 220, str_view(&s->settings->banner), VIEW("") };

	server_log_connect(s);
	if (!starttls_before_greeting(s) || !sessioncap_accepts_session(s) ||
	    !delay_greeting(s) || !spp_accepts_connection(s))
		return;
	submission_explain(s);
	session_reply_plain(s, &greeting);
}

void
session_begin_anew(struct session *s)
{
	s->said_helo = false;
	message_reset(s);
	str_set(&s->helo, s->peer->host);
	auth_forget(s);
	spp_begin_anew(s);
}

void
session_close(struct session *s, const char *reason)
{
	s->over = true;
	if (!reason)
		s->status = EXIT_SESSION_DONE;
	else
		server_log_end(s, reason);
}

void
session_no_controls(struct session *s, const struct problem *problem)
{
	log_problem(&s->log, problem);
	session_reply(s, REPLY_NO_CONTROLS);
	session_close(s, "controls");
}

void
session_lost(struct session *s, enum reader_status status)
{
	switch (status) {
	case READER_TIMEOUT:
		if (deadline_passed(s->end)) {
			session_reply(s, REPLY_SESSION_TOO_LONG);
			session_close(s, "session-limit");
			return;
		}
		session_reply(s, REPLY_TIMEOUT);
		session_close(s, "timeout");
		return;
	case READER_WOKEN:
		session_reply(s, REPLY_SHUTDOWN);
		session_close(s, "sigterm");
		return;
	case READER_WRITE_ERROR:
		session_close(s,
		    s->writer.error == ECANCELED  ? "sigterm"
			: deadline_passed(s->end) ? "session-limit"
						  : "write-error");
		return;
	case READER_EOF:
		session_close(s, "eof");
		return;
	default:
		session_close(s, "read-error");
	}
}

struct env_list *
session_environment(struct session *s)
{
	if (s->settings->strict)
		return NULL;
	if (s->environment.count == 0) {
		env_list_inherit(&s->environment);
		env_list_set(&s->environment, "QMAILSID", view_of(s->sid));
	}
	return &s->environment;
}

struct resolver *
session_resolver(struct session *s)
{
	if (!s->resolver)
		s->resolver = resolver_cached(
		    resolver_network((size_t)s->settings->limits.dns_questions));
	return s->resolver;
}

/* --- commands ------------------------------------------------------------------------------------- */

/* A line of at most `max` octets; whole in the time from its first octet on. */
static enum reader_status
read_line(struct session *s, size_t max)
{
	enum reader_status status;
	struct view have;

	str_clear(&s->line);
	status = reader_fill(&s->reader);
	if (status != READER_OK)
		return status;
	have = reader_buffered(&s->reader);
	if (!s->settings->strict && view_index(have, '\n') == have.len)
		s->reader.deadline =
		    deadline_sooner(s->end, deadline_in_ms(s->reader.timeout_ms));
	status = reader_line(&s->reader, &s->line, max);
	s->reader.deadline = s->end;
	return status;
}

enum reader_status
session_read_line(struct session *s)
{
	return read_line(s, s->settings->limits.auth_line);
}

static bool
is_auth(const struct session *s)
{
	return view_starts_nocase(str_view(&s->line), VIEW("AUTH "));
}

/* What its limit is shows in the line. */
static enum reader_status
read_command(struct session *s)
{
	uint64_t of_command = s->settings->limits.command_line;
	uint64_t of_auth = s->settings->limits.auth_line;
	enum reader_status status =
	    read_line(s, of_command > of_auth ? of_command : of_auth);

	if (status == READER_OK && s->line.len > (is_auth(s) ? of_auth : of_command))
		return READER_TOO_LONG;
	return status;
}

static void
refuse_long_line(struct session *s)
{
	session_reply(s, REPLY_LINE_TOO_LONG);
	/* what follows a BDAT that was not read to its end are no commands */
	if (++s->long_lines >= LONG_LINES_MAX ||
	    view_starts_nocase(str_view(&s->line), VIEW("BDAT ")))
		session_close(s, "long-lines");
}

/* True if the session is over because it has taken or erred too much. */
static bool
is_used_up(struct session *s)
{
	if (s->settings->strict)
		return false;
	if (s->errors >= s->settings->limits.errors) {
		session_reply(s, REPLY_TOO_MANY_ERRORS);
		session_close(s, "too-many-errors");
	} else if (deadline_passed(s->end)) {
		session_lost(s, READER_TIMEOUT);
	}
	return s->over;
}

static void
run_command(struct session *s)
{
	sessioncap_renew(s);
	commands_run(s, command_parse(str_view(&s->line)));
}

bool
session_next_command(struct session *s)
{
	enum reader_status status;
	bool secret;

	if (s->over)
		return false;
	status = read_command(s);
	secret = is_auth(s);
	s->errors_count = true;
	if (status != READER_OK && status != READER_TOO_LONG)
		session_lost(s, status);
	else if (is_used_up(s))
		return false;
	else if (status == READER_TOO_LONG)
		refuse_long_line(s);
	else
		run_command(s);
	if (secret) /* whatever the answer was */
		auth_wipe(s);
	s->place = LOGEVENT_ELSEWHERE;
	s->from = s->to = VIEW("");
	arena_reset(&s->scratch);
	return !s->over;
}
