/* forward - send the message on to other addresses.  See forward(1). */
#include <unistd.h>

#include "lib/complain.h"
#include "lib/env.h"
#include "lib/mem.h"
#include "lib/program.h"
#include "local/forward.h"
#include "os/os.h"

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "forward: fatal: out of memory\n", OUTCOME_EXIT_TEMPORARY);
}

static struct view
variable(const char *name)
{
	const char *value = env_value(name);

	if (!value) {
		complain("forward: fatal: ", name, " not set", (char *)NULL);
		_exit(OUTCOME_EXIT_PERMANENT);
	}
	return view_of(value);
}

int
main(int argc, char **argv)
{
	struct forward forward;
	struct outcome outcome = { 0 };
	struct view *recipients;
	int i, status;

	program_start(out_of_memory);
	forward.sender = variable("NEWSENDER");
	forward.delivered_to = variable("DTLINE");
	forward.count = argc > 0 ? (size_t)argc - 1 : 0;
	forward.recipients = recipients =
	    mem_alloc((forward.count + 1) * sizeof *recipients);
	for (i = 1; i < argc; i++)
		recipients[i - 1] = view_of(argv[i]);

	forward_program("forward", &forward, &outcome);
	complain(str_text(&outcome.text), (char *)NULL);
	mem_free(recipients);
	status = outcome_exit(outcome.kind);
	outcome_free(&outcome);
	return status;
}
