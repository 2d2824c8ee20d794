/* qmail-smtpd - receive mail by SMTP on descriptors 0 and 1.  See qmail-smtpd(8). */
#include <errno.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/program.h"
#include "os/os.h"
#include "server/broker.h"
#include "server/log.h"
#include "server/session.h"

static void
out_of_memory(void)
{
	os_exit_saying(
	    SESSION_OUT, "421 out of memory (#4.3.0)\r\n", EXIT_SESSION_BROKEN);
}

static _Noreturn void
no_controls(const struct settings *settings, const struct problem *problem)
{
	struct log log = { .program = "qmail-smtpd",
		.level = settings->log_level,
		.fd = STDERR_FILENO };

	if (!settings->strict)
		server_log_detach();
	log_problem(&log, problem);
	os_exit_saying(
	    SESSION_OUT, "421 unable to read controls (#4.3.0)\r\n", EXIT_SESSION_BROKEN);
}

int
main(int argc, char **argv)
{
	struct settings settings = { .log_level = 1 };
	struct problem problem = { 0 };
	struct peer peer;
	struct session session;
	struct broker broker;
	enum answer brokered;
	int status;

	/* Before the first byte: know the policy, know the peer; and give up what the session does not
	 * need.  Without a broker there is no os_restrict(): it would take the setuid bit from
	 * qmail-queue. */
	program_start(out_of_memory);
	if (program_enter_home() < 0) {
		problem_note(&problem, program_home(), 0, "cannot be entered", errno);
		no_controls(&settings, &problem);
	}
	if (settings_read(&settings, argc, argv, &problem) == ANSWER_ERROR)
		no_controls(&settings, &problem);
	if (settings.auth.on) /* there will be passwords */
		os_keep_secrets();
	if (!settings.strict)
		server_log_detach();
	peer_from_environment(&peer, settings.strict);
	brokered = server_broker_start(&broker, &settings, &problem);
	if (brokered == ANSWER_ERROR)
		no_controls(&settings, &problem);

	/* The conversation: one command, one reply, until QUIT, timeout or disconnect. */
	session_start(&session, &settings, &peer);
	session_greet(&session);
	while (session_next_command(&session))
		continue;
	mem_process_ends();
	status = session_end(&session);
	if (brokered == ANSWER_YES)
		broker_end(&broker);
	settings_free(&settings);
	return status;
}
