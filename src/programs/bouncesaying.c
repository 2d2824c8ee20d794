/* bouncesaying - return the message with a text, if a program says so.  See bouncesaying(1). */
#include <unistd.h>

#include "lib/complain.h"
#include "lib/program.h"
#include "local/decider.h"
#include "local/outcome.h"
#include "os/os.h"

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "bouncesaying: fatal: out of memory\n",
	    OUTCOME_EXIT_TEMPORARY);
}

static enum answer
ask(char *const *argv)
{
	struct str text = { 0 };
	enum answer answer = decider_ask(argv, &text);

	if (text.len > 0)
		complain(answer == ANSWER_ERROR ? "bouncesaying: fatal: "
						: "bouncesaying: warning: ",
		    str_text(&text), (char *)NULL);
	str_free(&text);
	return answer;
}

int
main(int argc, char **argv)
{
	enum answer answer = ANSWER_YES;

	program_start(out_of_memory);
	if (argc < 2) {
		complain(
		    "bouncesaying: usage: bouncesaying error [ program [ arg ... ] ]",
		    (char *)NULL);
		return OUTCOME_EXIT_PERMANENT;
	}
	if (argc > 2)
		answer = ask(argv + 2);
	if (answer == ANSWER_ERROR)
		return OUTCOME_EXIT_TEMPORARY;
	if (answer == ANSWER_NO)
		return OUTCOME_EXIT_DONE;
	complain(argv[1], (char *)NULL);
	return OUTCOME_EXIT_PERMANENT;
}
