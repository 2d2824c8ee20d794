/* deliverquota - deliver to a Maildir with a quota of its own.  See deliverquota(1). */
#include <unistd.h>

#include "lib/complain.h"
#include "lib/env.h"
#include "lib/program.h"
#include "local/maildir.h"
#include "os/os.h"
#include "users/quota.h"

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "Out of memory. (#4.3.0)\n", OUTCOME_EXIT_TEMPORARY);
}

static _Noreturn void
usage(void)
{
	complain("deliverquota: usage: deliverquota maildir [ quota ]", (char *)NULL);
	_exit(OUTCOME_EXIT_PERMANENT);
}

static void
take_line(struct str *line, const char *name)
{
	const char *value = env_value(name);

	if (value)
		str_append_text(line, value);
}

int
main(int argc, char **argv)
{
	struct delivery_lines lines = { 0 };
	struct outcome outcome = { 0 };
	struct quota unused;
	struct view quota;
	int status;

	program_start(out_of_memory);
	if (argc < 2 || argc > 3)
		usage();
	quota = view_of(argc > 2 ? argv[2] : "");
	if (quota.len > 0 && !quota_parse(quota, &unused))
		usage();
	take_line(&lines.return_path, "RPLINE");
	take_line(&lines.delivered_to, "DTLINE");

	maildir_deliver_last(argv[1], quota, STDIN_FILENO, &lines, &outcome);
	if (outcome.text.len > 0)
		complain(str_text(&outcome.text), (char *)NULL);
	status = outcome_exit(outcome.kind);
	delivery_lines_free(&lines);
	outcome_free(&outcome);
	return status;
}
