/* The whole of qmail-qmtpd and of qmail-qmqpd. */
#include <errno.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/program.h"
#include "os/os.h"
#include "server/broker.h"
#include "server/log.h"
#include "server/netsession.h"

static void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "", NETSESSION_TROUBLE);
}

/* These protocols have no words before a message. */
static int
no_controls(const struct settings *settings, const struct problem *problem)
{
	struct log log = { .program = settings->program,
		.level = settings->log_level,
		.fd = STDERR_FILENO };

	if (!settings->strict)
		server_log_detach();
	log_problem(&log, problem);
	return NETSESSION_TROUBLE;
}

/* Everything is known; the client may speak. */
static int
serve(struct settings *settings, enum session_protocol protocol)
{
	struct problem problem = { 0 };
	struct peer peer;
	struct session session;
	struct broker broker;
	enum answer brokered;
	enum netsession_exit status;

	if (!settings->strict)
		server_log_detach();
	peer_from_environment(&peer, settings->strict);
	brokered = server_broker_start(&broker, settings, &problem);
	if (brokered == ANSWER_ERROR)
		return no_controls(settings, &problem);
	session_start(&session, settings, &peer);
	status = netsession_run(&session, protocol);
	mem_process_ends();
	session_end(&session);
	if (brokered == ANSWER_YES)
		broker_end(&broker);
	return (int)status;
}

int
netsession_main(const char *program, enum session_protocol protocol)
{
	struct settings settings = { .program = program, .log_level = 1 };
	struct problem problem = { 0 };
	int status;

	program_start(out_of_memory);
	if (program_enter_home() < 0) {
		problem_note(&problem, program_home(), 0, "cannot be entered", errno);
		return no_controls(&settings, &problem);
	}
	if (settings_read_plain(&settings, program, protocol == SESSION_QMQP, &problem) ==
	    ANSWER_ERROR)
		return no_controls(&settings, &problem);
	status = serve(&settings, protocol);
	settings_free(&settings);
	return status;
}
