/* qmail-lmtp - deliver a message by LMTP, from a .qmail file.  See qmail-lmtp(1). */
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "client/lmtp.h"
#include "client/lmtpplace.h"
#include "config/control.h"
#include "config/leastprivilege.h"
#include "config/limits.h"
#include "lib/complain.h"
#include "lib/env.h"
#include "lib/fd.h"
#include "lib/program.h"
#include "lib/scan.h"
#include "os/os.h"

enum {
	EXIT_DELIVERED = 0,
	EXIT_PERMANENT = 100,
	EXIT_TEMPORARY = 111,
	TIMEOUT = 300,       /* seconds of each wait */
	TIMEOUT_MAX = 86400, /* that may be asked for */
	CONNECT = 60,
};

struct arguments {
	struct lmtpplace place;
	uint64_t timeout;
	bool without_delivered_to;
};

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "qmail-lmtp: fatal: out of memory\n", EXIT_TEMPORARY);
}

static _Noreturn void
die(int status, const char *first, const char *second, const char *third)
{
	complain("qmail-lmtp: fatal: ", first, second, third, (char *)NULL);
	_exit(status);
}

static _Noreturn void
usage(void)
{
	complain("qmail-lmtp: usage: qmail-lmtp [ -d ] [ -t seconds ] server "
		 "[ recipient ]",
	    (char *)NULL);
	_exit(EXIT_PERMANENT);
}

static struct view
variable(const char *name)
{
	const char *value = env_value(name);

	if (!value)
		die(EXIT_PERMANENT, name, " not set", "");
	return view_of(value);
}

static void
read_arguments(int argc, char **argv, struct arguments *a, struct lmtp *l)
{
	int option;

	opterr = 0;
	while ((option = getopt(argc, argv, "+dt:")) != -1) {
		if (option == 'd')
			a->without_delivered_to = true;
		else if (option != 't' || !scan_whole_u64(view_of(optarg), &a->timeout) ||
		    a->timeout == 0 || a->timeout > TIMEOUT_MAX)
			usage();
	}
	if (argc - optind < 1 || argc - optind > 2)
		usage();
	l->place = argv[optind];
	if (!lmtpplace_parse(view_of(l->place), &a->place))
		die(EXIT_PERMANENT, l->place,
		    " is neither the path of a socket nor host:port", "");
	l->recipient =
	    optind + 1 < argc ? view_of(argv[optind + 1]) : variable("RECIPIENT");
	l->sender = variable("SENDER");
	if (!a->without_delivered_to)
		l->first_line = variable("DTLINE");
}

static void
read_controls(struct str *helo, struct limits *limits)
{
	struct problem problem;
	enum answer answer;

	if (program_enter_home() < 0)
		die(EXIT_TEMPORARY, "unable to switch to home directory", "", "");
	answer = control_line("control/me", helo, &problem);
	if (answer == ANSWER_ERROR || limits_read(limits, &problem) == ANSWER_ERROR)
		die(EXIT_TEMPORARY, problem.where, ": ", problem.what);
	if (answer == ANSWER_NO)
		str_append_text(helo, "localhost");
}

static void
start(struct session *s, const struct arguments *a, const struct lmtp *l,
    const struct limits *limits)
{
	struct restrict_plan plan = { .may = RESTRICT_SOCKETS };
	struct str why = { 0 };
	int fd = lmtpplace_connect(&a->place, deadline_in(CONNECT), &why);

	if (fd < 0) {
		struct str report = { 0 };

		str_append_text(&report, "Unable to connect to ");
		str_append_text(&report, l->place);
		str_append_text(&report, ": ");
		str_append(&report, str_view(&why));
		str_append_text(&report, ". (#4.4.1)\n");
		fd_write_all(STDOUT_FILENO, str_view(&report));
		_exit(EXIT_TEMPORARY);
	}
	if (leastprivilege_enter(&plan) < 0)
		die(EXIT_TEMPORARY, "unable to give up rights", "", "");
	session_open(s, fd, (int64_t)a->timeout * 1000,
	    deadline_in((int64_t)limits->delivery), limits);
}

int
main(int argc, char **argv)
{
	static const int exits[] = { [LMTP_DELIVERED] = EXIT_DELIVERED,
		[LMTP_REFUSED] = EXIT_PERMANENT,
		[LMTP_LATER] = EXIT_TEMPORARY };
	struct arguments arguments = { .timeout = TIMEOUT };
	struct lmtp lmtp = { .message = STDIN_FILENO };
	struct str helo = { 0 }, report = { 0 };
	struct session session;
	struct limits limits;
	enum lmtp_result result;

	program_start(out_of_memory);
	session_init(&session);
	read_arguments(argc, argv, &arguments, &lmtp);
	read_controls(&helo, &limits);
	lmtp.helo = str_view(&helo);

	start(&session, &arguments, &lmtp, &limits);
	result = lmtp_deliver(&lmtp, &session, &report);
	fd_write_all(STDOUT_FILENO, str_view(&report));
	session_free(&session);
	str_free(&helo);
	str_free(&report);
	return exits[result];
}
