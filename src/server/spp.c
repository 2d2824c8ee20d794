#include "server/spp.h"

#include "lib/fmt.h"
#include "policy/program.h"
#include "server/log.h"
#include "server/session.h"
#include "server/sppcommands.h"
#include "server/sppvariables.h"

enum { EXIT_UNEXECUTED = 120 };

/* --- plugins ---------------------------------------------------------------------------------------- */

/* The words are qmail-spp's, as far as it has any. */
static const char *
reason_of(enum program_end end, int code)
{
	switch (end) {
	case PROGRAM_EXITED:
		return code == EXIT_UNEXECUTED ? "can't execute" : NULL;
	case PROGRAM_NO_PIPE:
		return "can't pipe()";
	case PROGRAM_NO_FORK:
		return "vfork() failed";
	case PROGRAM_NO_PROGRAM:
		return "can't execute";
	case PROGRAM_CRASHED:
		return "child crashed";
	case PROGRAM_LATE:
		return "took too long";
	case PROGRAM_FLOOD:
		return "said too much";
	case PROGRAM_LOST:
		break;
	}
	return "wait_pid() failed";
}

/* Run it to its end; what it says counts only if that was a good one. */
static const char *
run_plugin(struct session *s, struct view line, struct str *output)
{
	static char sh[] = "/bin/sh", command_follows[] = "-c";
	struct str text = { 0 };
	char *argv[4] = { NULL, NULL, NULL, NULL };
	struct program program = { .argv = argv,
		.environment = session_environment(s),
		.seconds = s->settings->limits.program,
		.text_fd = 1,
		.is_deaf = true };
	enum program_end end;
	int code = 0;

	str_set(&text, line);
	if (*text.at == ':') {
		argv[0] = sh;
		argv[1] = command_follows;
		argv[2] = text.at + 1;
	} else {
		argv[0] = text.at;
	}
	session_sigterm_kills(s, true);
	end = program_run(&program, output, &code);
	session_sigterm_kills(s, false);
	str_free(&text);
	return reason_of(end, code);
}

static enum spp_step
ask_plugin(
    struct session *s, enum spp_section section, const struct control_entry *plugin)
{
	struct str output = { 0 };
	const char *reason = run_plugin(s, plugin->text, &output);
	enum spp_step step = SPP_STEP_ANSWERED;

	if (reason)
		sppcommands_fail(s, plugin, reason);
	else
		step = sppcommands_run(s, section, plugin, str_view(&output));
	str_free(&output);
	return step;
}

/* True: the command is to be carried out. */
static bool
ask(struct session *s, enum spp_section section)
{
	struct sppfile_walk walk = { 0 };
	const struct control_entry *plugin;
	enum spp_step step = SPP_STEP_NEXT;

	while (step == SPP_STEP_NEXT && s->spp.on &&
	    (plugin = sppfile_next(&s->spp.plugins, section, &walk)))
		step = ask_plugin(s, section, plugin);
	return step != SPP_STEP_ANSWERED;
}

static void
tell(struct session *s, const char *name, struct view value)
{
	env_list_set(session_environment(s), name, value);
}

static void
tell_u64(struct session *s, const char *name, uint64_t value)
{
	struct str text = { 0 };

	fmt_u64(&text, value);
	tell(s, name, str_view(&text));
	str_free(&text);
}

/* --- connection, HELO, AUTH --------------------------------------------------------------------------- */

static enum answer
read_file(struct session_spp *spp, struct problem *problem)
{
	const char *path = env_value("SPPCONFFILE");
	enum answer answer;

	spp->file = path && *path ? path : "control/smtpplugins";
	answer = control_list(spp->file, &spp->plugins, problem);
	if (answer == ANSWER_NO) /* whoever switches plugins on counts on them */
		problem_note(problem, spp->file, 0, "missing", 0);
	return answer;
}

bool
spp_accepts_connection(struct session *s)
{
	struct problem problem;

	if (s->settings->strict || !env_value("ENABLE_SPP"))
		return true;
	if (read_file(&s->spp, &problem) != ANSWER_YES) {
		session_no_controls(s, &problem);
		return false;
	}
	s->spp.on = true;
	s->spp.refused = !ask(s, SPP_CONNECTION);
	return !s->spp.refused;
}

bool
spp_accepts_helo(struct session *s, struct view argument)
{
	if (!s->spp.on)
		return true;
	tell(s, "SMTPHELOHOST", argument);
	return ask(s, SPP_HELO);
}

bool
spp_accepts_auth(struct session *s, struct view user, const char *method)
{
	if (!s->spp.on)
		return true;
	tell(s, "SMTPAUTHUSER", user);
	tell(s, "SMTPAUTHMETHOD", view_of(method));
	if (ask(s, SPP_AUTH))
		return true;
	env_list_unset(session_environment(s), "SMTPAUTHUSER");
	env_list_unset(session_environment(s), "SMTPAUTHMETHOD");
	return false;
}

/* --- a transaction ------------------------------------------------------------------------------------ */

bool
spp_accepts_mail(struct session *s)
{
	str_clear(&s->spp.mail_headers);
	if (!sppcommands_none_later(s, SPP_MAIL))
		return false;
	if (!s->spp.on)
		return true;
	tell(s, "SMTPMAILFROM", s->transaction.sender.whole);
	if (!ask(s, SPP_MAIL))
		return false;
	s->transaction.is_sender_okay = s->spp.said_okay;
	return true;
}

/* Would rcpthosts let the recipient pass? */
static bool
tell_whether_ours(struct session *s)
{
	struct problem problem;
	enum answer answer = ANSWER_YES;

	if (!s->relay_client)
		answer = policy_takes_host(&s->settings->policy, &s->recipient, &problem);
	if (answer == ANSWER_ERROR) {
		session_no_controls(s, &problem);
		return false;
	}
	tell(s, "SMTPRCPTHOSTSOK", answer == ANSWER_YES ? VIEW("1") : VIEW("0"));
	return true;
}

bool
spp_accepts_rcpt(struct session *s)
{
	if (!sppcommands_none_later(s, SPP_RCPT))
		return false;
	if (!s->spp.on)
		return true;
	if (!tell_whether_ours(s))
		return false;
	tell(s, "SMTPRCPTTO", s->recipient.whole);
	tell_u64(s, "SMTPRCPTCOUNT", s->transaction.count);
	tell_u64(s, "SMTPRCPTCOUNTALL", s->transaction.rcpt_commands);
	return ask(s, SPP_RCPT);
}

bool
spp_passes_rcpt(struct session *s)
{
	if (!s->spp.on)
		return true;
	tell_u64(s, "SMTPRCPTCOUNT", s->transaction.count + 1);
	return ask(s, SPP_PASS);
}

bool
spp_accepts_data(struct session *s)
{
	return sppcommands_none_later(s, SPP_DATA) && ask(s, SPP_DATA);
}

/* --- what is kept ------------------------------------------------------------------------------------- */

static void
forget(struct session *s)
{
	str_clear(&s->spp.headers);
	str_clear(&s->spp.mail_headers);
}

void
spp_reset(struct session *s)
{
	size_t i;

	forget(s);
	for (i = 0; i < SPP_SECTIONS; i++) {
		s->spp.later[i].code = 0;
		str_clear(&s->spp.later[i].text);
	}
}

void
spp_begin_anew(struct session *s)
{
	if (s->spp.on)
		env_list_unset(session_environment(s), "SMTPHELOHOST");
}

static enum answer
begin(struct session *s, struct problem *problem)
{
	(void)problem;
	return s->spp.headers.len + s->spp.mail_headers.len > 0 ? ANSWER_YES : ANSWER_NO;
}

static void
below(struct session *s, struct str *out)
{
	str_append(out, str_view(&s->spp.headers));
	str_append(out, str_view(&s->spp.mail_headers));
}

const struct message_stage spp_stage = {
	.begin = begin,
	.below = below,
	.forget = forget,
};

void
spp_free(struct session_spp *spp)
{
	size_t i;

	control_list_free(&spp->plugins);
	str_free(&spp->headers);
	str_free(&spp->mail_headers);
	for (i = 0; i < SPP_SECTIONS; i++)
		str_free(&spp->later[i].text);
	sppvariables_free(spp);
}
