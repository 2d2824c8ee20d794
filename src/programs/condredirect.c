/* condredirect - send the message elsewhere instead, if a program says so.  See condredirect(1). */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/env.h"
#include "lib/program.h"
#include "local/decider.h"
#include "local/forward.h"
#include "os/os.h"

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "condredirect: fatal: out of memory\n",
	    OUTCOME_EXIT_TEMPORARY);
}

static _Noreturn void
die(int status, const char *first, const char *second)
{
	complain("condredirect: fatal: ", first, second, (char *)NULL);
	_exit(status);
}

static struct view
variable(const char *name)
{
	const char *value = env_value(name);

	if (!value)
		die(OUTCOME_EXIT_PERMANENT, name, " not set");
	return view_of(value);
}

static bool
shall_redirect(char *const *argv)
{
	struct str text = { 0 };
	enum answer answer = decider_ask(argv, &text);

	if (answer == ANSWER_ERROR)
		die(OUTCOME_EXIT_TEMPORARY, str_text(&text), "");
	if (text.len > 0)
		complain("condredirect: warning: ", str_text(&text), (char *)NULL);
	str_free(&text);
	return answer == ANSWER_YES;
}

int
main(int argc, char **argv)
{
	struct forward forward;
	struct outcome outcome = { 0 };
	struct view recipient;
	int status;

	program_start(out_of_memory);
	if (argc < 3) {
		complain(
		    "condredirect: usage: condredirect newaddress program [ arg ... ]",
		    (char *)NULL);
		return OUTCOME_EXIT_PERMANENT;
	}
	if (!shall_redirect(argv + 2))
		return OUTCOME_EXIT_DONE; /* go on with the next line */
	if (lseek(STDIN_FILENO, 0, SEEK_SET) < 0)
		die(OUTCOME_EXIT_TEMPORARY, "unable to rewind: ", strerror(errno));
	recipient = view_of(argv[1]);
	forward = (struct forward) { .sender = variable("SENDER"),
		.delivered_to = variable("DTLINE"),
		.recipients = &recipient,
		.count = 1 };

	forward_program("condredirect", &forward, &outcome);
	complain(str_text(&outcome.text), (char *)NULL);
	if (outcome.kind == OUTCOME_DONE)
		outcome.kind = OUTCOME_LAST; /* the next line is not for it any more */
	status = outcome_exit(outcome.kind);
	outcome_free(&outcome);
	return status;
}
