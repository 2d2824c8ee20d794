/* except - turn the answer of a program round: bounce what it accepts.  See except(1). */
#include <unistd.h>

#include "lib/complain.h"
#include "lib/program.h"
#include "local/decider.h"
#include "local/outcome.h"
#include "os/os.h"

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "except: fatal: out of memory\n", OUTCOME_EXIT_TEMPORARY);
}

int
main(int argc, char **argv)
{
	struct str text = { 0 };
	enum answer answer;

	program_start(out_of_memory);
	if (argc < 2) {
		complain("except: usage: except program [ arg ... ]", (char *)NULL);
		return OUTCOME_EXIT_PERMANENT;
	}
	answer = decider_ask(argv + 1, &text);
	if (text.len > 0)
		complain(answer == ANSWER_ERROR ? "except: fatal: " : "except: warning: ",
		    str_text(&text), (char *)NULL);
	str_free(&text);
	switch (answer) {
	case ANSWER_YES:
		return OUTCOME_EXIT_PERMANENT;
	case ANSWER_NO:
		return OUTCOME_EXIT_DONE;
	default:
		return OUTCOME_EXIT_TEMPORARY;
	}
}
