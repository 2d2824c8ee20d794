#include "local/command.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/spawn.h"

static bool
is_permanent(int code)
{
	switch (code) {
	case 100:
	case 64: /* EX_USAGE */
	case 65: /* EX_DATAERR */
	case 70: /* EX_SOFTWARE */
	case 76: /* EX_PROTOCOL */
	case 77: /* EX_NOPERM */
	case 78: /* EX_CONFIG */
	case 112:
		return true;
	default:
		return false;
	}
}

static void
judge(int status, struct outcome *o)
{
	int code = WEXITSTATUS(status);

	if (!WIFEXITED(status))
		outcome_set(
		    o, OUTCOME_TEMPORARY, "Aack, child crashed. (#4.3.0)", (char *)NULL);
	else if (code == 0 || code == 99)
		outcome_set(o, code ? OUTCOME_LAST : OUTCOME_DONE, "", (char *)NULL);
	else /* what there is to say, the program said */
		outcome_set(o, is_permanent(code) ? OUTCOME_PERMANENT : OUTCOME_TEMPORARY,
		    "", (char *)NULL);
}

static pid_t
start(struct view command, int fd, struct env_list *env)
{
	char shell[] = "/bin/sh", option[] = "-c";
	char *argv[4] = { shell, option, NULL, NULL };
	struct spawn child = { .path = shell, .argv = argv };
	struct str text = { 0 };
	pid_t pid;

	str_set(&text, command);
	str_append_byte(&text, '\0');
	argv[2] = text.at;
	child.env = env_list_array(env);
	spawn_give(&child, STDIN_FILENO, fd);
	pid = spawn_start(&child);
	str_free(&text);
	return pid;
}

void
command_run(struct view command, int fd, struct env_list *env, struct outcome *o)
{
	int status;
	pid_t pid;

	if (lseek(fd, 0, SEEK_SET) < 0) {
		outcome_set(o, OUTCOME_TEMPORARY, "Unable to rewind message. (#4.3.0)",
		    (char *)NULL);
		return;
	}
	pid = start(command, fd, env);
	if (pid < 0) {
		bool no_process = errno == EAGAIN || errno == ENOMEM;

		outcome_errno(o, no_process ? "Unable to fork" : "Unable to run /bin/sh",
		    "", errno, "#4.3.0");
	} else if (spawn_wait(pid, deadline_never(), &status) < 0)
		outcome_errno(o, "Unable to run /bin/sh", "", errno, "#4.3.0");
	else
		judge(status, o);
}
