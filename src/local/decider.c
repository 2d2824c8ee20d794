#include "local/decider.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/spawn.h"
#include "users/failure.h"

enum { EXIT_YES = 0, EXIT_NOT_NOW = 111 };

static enum answer
not_run(const char *program, int error, struct str *text)
{
	str_append_text(text, "unable to run ");
	str_append_text(text, program);
	str_append_text(text, ": ");
	str_append_text(text, strerror(error));
	return spawn_is_shortage(error) || failure_is_temporary(error) ? ANSWER_ERROR
								       : ANSWER_NO;
}

enum answer
decider_ask(char *const *argv, struct str *text)
{
	struct spawn child = { .path = argv[0], .argv = argv, .search = true };
	pid_t pid = spawn_start(&child);
	int status;

	if (pid < 0)
		return not_run(argv[0], errno, text);
	if (spawn_wait(pid, deadline_never(), &status) < 0) {
		str_append_text(text, "wait failed");
		return ANSWER_ERROR;
	}
	if (!WIFEXITED(status)) {
		str_append_text(text, "child crashed");
		return ANSWER_ERROR;
	}
	if (WEXITSTATUS(status) == EXIT_NOT_NOW) {
		str_append_text(text, "temporary child error");
		return ANSWER_ERROR;
	}
	return WEXITSTATUS(status) == EXIT_YES ? ANSWER_YES : ANSWER_NO;
}
