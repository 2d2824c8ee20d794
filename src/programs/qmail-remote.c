/* qmail-remote - deliver a message on descriptor 0 by SMTP; or, kept by qmail-rspawn, one after the
 * other over one connection.  See qmail-remote(8). */
#include <fcntl.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/delivery.h"
#include "client/keeper.h"
#include "client/remoteplan.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/program.h"
#include "os/os.h"

enum { MESSAGE = 0, REPORT = 1 };

static _Noreturn void
out_of_memory(void)
{
	static const char text[] = "ZOut of memory. (#4.3.0)\n"; /* its NUL goes along */

	fd_write_all(REPORT, (struct view) { text, sizeof text });
	_exit(0);
}

/* Under qmail-rspawn descriptor 2 is the report too, where a stray word turns success into a bounce
 * (outbound 1.5).  Our helpers must not hold the report open after us. */
static void
guard_descriptors(void)
{
	int null = open("/dev/null", O_RDWR);

	if (null >= 0)
		fd_move(2, null);
	fd_set_cloexec(MESSAGE);
	fd_set_cloexec(REPORT);
}

/* `qmail-remote -k` by hand is what one argument always was: an error. */
static bool
is_kept(int argc, char **argv)
{
	int type = 0;
	socklen_t len = sizeof type;

	return argc == 2 && view_equal(view_of(argv[1]), VIEW("-k")) &&
	    getsockopt(MESSAGE, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_SEQPACKET;
}

static void
deliver(int argc, char **argv, struct report *report)
{
	struct view *recipients = mem_alloc_zeroed((size_t)argc, sizeof *recipients);
	struct plan_request request = {
		.host = view_of(argv[1]),
		.sender = view_of(argv[2]),
		.recipients = recipients,
		.recipient_count = (size_t)argc - 3,
		.message = MESSAGE,
	};
	int i;

	for (i = 3; i < argc; i++)
		recipients[i - 3] = view_of(argv[i]);
	delivery_run(&request, report);
	mem_free(recipients);
}

static int
be_kept(struct broker *broker)
{
	int status = 0;

	if (program_enter_home() == 0 && remoteplan_enter(broker) == 0)
		status = keeper_run(MESSAGE);
	broker_end(broker);
	return status;
}

int
main(int argc, char **argv)
{
	struct report report = { 0 };
	struct broker broker = { .fd = -1 };

	program_start(out_of_memory);
	guard_descriptors();
	os_no_core();
	os_keep_secrets();
	if (is_kept(argc, argv))
		return be_kept(&broker);
	if (argc < 4)
		report_message(&report, REPORT_FAILURE,
		    "I (qmail-remote) was invoked improperly. (#5.3.5)");
	else if (program_enter_home() < 0)
		report_message(&report, REPORT_LATER,
		    "Unable to switch to home directory. (#4.3.0)");
	else if (remoteplan_enter(&broker) < 0)
		report_message(
		    &report, REPORT_LATER, "Unable to give up rights. (#4.3.0)");
	else
		deliver(argc, argv, &report);
	/* The last action; and only exit code 0 means that the report is read. */
	report_write(&report, REPORT);
	report_free(&report);
	broker_end(&broker);
	return 0;
}
