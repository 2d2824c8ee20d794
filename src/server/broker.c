#include "server/broker.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/forked.h"
#include "broker/programs.h"
#include "config/control.h"
#include "config/leastprivilege.h"
#include "lib/arena.h"
#include "lib/env.h"
#include "lib/log.h"
#include "server/scansettings.h"

static const char broker_file[] = "control/broker";

/* --- the commands that this service may want ---------------------------------------------------------------- */

static void
add_path(struct broker_commands *list, const char *path)
{
	struct str text = { 0 };
	char *argv[2] = { NULL, NULL };

	if (!path || !*path)
		return;
	str_append_text(&text, path);
	argv[0] = text.at;
	brokercommands_add(list, argv, false);
	str_free(&text);
}

/* The program that a variable names, and the one that it names after AUTH in jms1's way. */
static void
add_named(struct broker_commands *list, const char *variable, const char *after_auth)
{
	add_path(list, env_value(variable));
	add_path(list, env_value(after_auth));
}

/* control/recipients: "domain|program argument". */
static enum answer
add_recipients(struct broker_commands *list, struct problem *problem)
{
	struct control_list lines = { 0 };
	enum answer answer = control_list("control/recipients", &lines, problem);
	struct view before, command;
	size_t i;

	for (i = 0; answer == ANSWER_YES && i < lines.count; i++)
		if (view_cut(lines.entries[i].text, '|', &before, &command))
			brokercommands_add_line(list, command);
	control_list_free(&lines);
	return answer;
}

static enum answer
list_commands(struct broker_commands *list, const struct settings *settings,
    struct problem *problem)
{
	const struct checkprogram *check = &settings->auth.program;

	add_path(list, "bin/qmail-queue");
	add_named(list, "QMAILQUEUE", "AUTH_SET_QMAILQUEUE");
	add_named(list, "RCPTCHECK", "AUTH_SET_RCPTCHECK");
	if (settings->auth.on) {
		brokercommands_add(list, check->plain, true);
		brokercommands_add(list, check->cram, true);
	}
	if (env_value("ENABLE_SPP") &&
	    programs_read_plugins(list, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	return add_recipients(list, problem);
}

/* --- one of the two brokers ---------------------------------------------------------------------------------- */

static void
tell(const struct log *log, const char *reason, struct view text)
{
	struct log_line line;

	log_begin(&line, log, LOG_HELPER);
	log_add_text(&line, KEY_HELPER, "broker");
	log_add_text(&line, KEY_REASON, reason);
	log_add(&line, KEY_TEXT, text);
	log_end(&line);
}

/* Who is to be asked is known; `b` is connected if `resident`. */
static enum answer
choose(struct broker *b, bool resident, bool always, struct broker_rules *rules,
    const struct log *log, struct problem *problem)
{
	struct str reason = { 0 };
	bool agreed = resident && broker_agree(b, &rules->commands, &reason);

	if (resident && !agreed)
		tell(log,
		    always ? "not by the resident one"
			   : "not by the resident one, so without",
		    str_view(&reason));
	str_free(&reason);
	if (agreed)
		return ANSWER_YES;
	if (!always)
		return ANSWER_NO;
	programs_add_helpers(&rules->commands);
	if (programs_read(&rules->commands, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	if (forked_start(b, rules, log) == 0)
		return ANSWER_YES;
	problem_note(problem, broker_file, 0, "no process for it", errno);
	return ANSWER_ERROR;
}

/* --- what the session keeps ---------------------------------------------------------------------------------- */

/* A scanner that is reached by TCP; a plugin may name one later. */
static bool
needs_network(void)
{
	struct scanner_address virus = { 0 }, spam = { 0 };

	scansettings_address("control/clamd", "CLAMD", &virus, NULL);
	scansettings_address("control/spamd", "SPAMD", &spam, NULL);
	return env_value("ENABLE_SPP") || (virus.len && virus.at.ss_family != AF_UNIX) ||
	    (spam.len && spam.at.ss_family != AF_UNIX);
}

/* What tells of the client is in the client's hands: its name server may say "/". */
static bool
is_about_files(const char *entry)
{
	static const char *const others[] = { "PATH=", "HOME=", "PWD=", "OLDPWD=",
		"SHELL=", "QMAILHOME=", "QMAILQUEUE=", "_=", "TCP", "UNIX", "REMOTE_",
		"SSL_" };
	size_t i;

	for (i = 0; i < sizeof others / sizeof *others; i++)
		if (view_starts(view_of(entry), view_of(others[i])))
			return false;
	return true;
}

/* Files elsewhere that a variable names, such as $DNSBLLIST, or will name after AUTH in jms1's way. */
static void
allow_named(struct restrict_plan *plan, const struct env_list *environment)
{
	size_t i;

	for (i = 0; i < environment->count; i++) {
		const char *path = strchr(environment->entries[i], '=') + 1;

		if (*path == '/' && is_about_files(environment->entries[i]))
			restrict_allow(plan, path, RESTRICT_PATH_READ);
	}
}

/* control/recipients names files of addresses: "domain:file", or the file alone. */
static void
allow_recipients(struct restrict_plan *plan, struct arena *mem)
{
	struct control_list lines = { 0 };
	size_t i;

	control_list("control/recipients", &lines, NULL);
	for (i = 0; i < lines.count; i++) {
		struct view line = lines.entries[i].text, domain, file = line;

		if (view_index(line, '|') < line.len || view_starts(line, VIEW("!")))
			continue;
		view_cut(line, ':', &domain, &file);
		if (view_starts(file, VIEW("/")))
			restrict_allow(
			    plan, arena_copy(mem, file).at, RESTRICT_PATH_READ);
	}
	control_list_free(&lines);
}

/* Control files are read when they are needed, and variables name others from the home on; helpers are
 * reached where they are resident. */
static enum answer
restrict_session(struct problem *problem)
{
	struct restrict_plan plan = { .may = RESTRICT_READ | RESTRICT_EVENTS |
		    RESTRICT_SOCKETS | RESTRICT_UNIX | RESTRICT_ROUTES };
	struct env_list environment = { 0 };
	struct arena mem = { 0 };
	int result;

	if (needs_network())
		plan.may |= RESTRICT_INET;
	env_list_inherit(&environment);
	restrict_allow(&plan, ".", RESTRICT_PATH_READ);
	allow_named(&plan, &environment);
	allow_recipients(&plan, &mem);
	leastprivilege_allow_control(&plan, &mem);
	result = leastprivilege_enter(&plan);
	env_list_free(&environment);
	arena_free(&mem);
	if (result == 0)
		return ANSWER_YES;
	problem_note(problem, broker_file, 0, "the process cannot be restricted", errno);
	return ANSWER_ERROR;
}

/* --- start ---------------------------------------------------------------------------------------------------- */

static enum answer
use(struct broker *b, struct problem *problem)
{
	broker_use(b);
	if (restrict_session(problem) == ANSWER_YES)
		return ANSWER_YES;
	broker_end(b);
	return ANSWER_ERROR;
}

/* What plugins and password checkers set is not known before. */
enum answer
server_broker_start(
    struct broker *b, const struct settings *settings, struct problem *problem)
{
	struct log log = { .program = settings->program,
		.level = settings->log_level,
		.fd = STDERR_FILENO };
	struct broker_rules rules = { .any_harmless =
					  settings->auth.on || env_value("ENABLE_SPP") };
	enum answer answer;
	uint64_t wanted = 0;
	bool resident;

	if (settings->strict)
		return ANSWER_NO;
	answer = control_number_env(broker_file, "BROKER", &wanted, problem);
	if (answer == ANSWER_ERROR || (answer == ANSWER_YES && wanted == 0))
		return answer == ANSWER_ERROR ? ANSWER_ERROR : ANSWER_NO;
	resident = broker_reach(b, "broker");
	if (!resident && answer == ANSWER_NO)
		return ANSWER_NO;
	answer = list_commands(&rules.commands, settings, problem);
	if (answer != ANSWER_ERROR)
		answer = choose(b, resident, wanted > 0, &rules, &log, problem);
	brokercommands_free(&rules.commands);
	return answer == ANSWER_YES ? use(b, problem) : answer;
}
