/* qmail-broker - start programs for sessions that gave up to start any.  See qmail-broker(8). */
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "broker/service.h"
#include "lib/log.h"
#include "lib/program.h"
#include "lib/view.h"
#include "os/os.h"
#include "wire/serve.h"

enum { EXIT_USAGE = 100, EXIT_TEMPORARY = 111, DESCRIPTORS = 16384 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "qmail-broker: out of memory\n", EXIT_TEMPORARY);
}

/* "serve", "serve broker": for qmail-smtpd; "serve brokerc": for qmail-remote. */
static const char *
service_of(int argc, char **argv)
{
	struct view name = argc == 3 ? view_of(argv[2]) : VIEW("broker");

	if (argc < 2 || argc > 3 || !view_equal(view_of(argv[1]), VIEW("serve")))
		return NULL;
	if (view_equal(name, VIEW("broker")))
		return "broker";
	return view_equal(name, VIEW("brokerc")) ? "brokerc" : NULL;
}

/* Each session has two, and one for each child. */
static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS)
		return;
	limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int
main(int argc, char **argv)
{
	struct log log = { .program = "qmail-broker", .level = 1, .fd = STDERR_FILENO };
	const char *service = service_of(argc, argv);

	program_start(out_of_memory);
	os_close_from(3);
	if (!service)
		os_exit_saying(STDERR_FILENO,
		    "qmail-broker: usage: qmail-broker serve [broker | brokerc]\n",
		    EXIT_USAGE);
	if (program_enter_home() < 0)
		os_exit_saying(STDERR_FILENO, "qmail-broker: unable to enter the home\n",
		    EXIT_TEMPORARY);
	raise_descriptors();
	if (service_run_resident(service, &log) == 0)
		return 0;
	serve_tell(&log, service, "cannot listen", errno);
	return EXIT_TEMPORARY;
}
