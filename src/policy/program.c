#include "policy/program.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/spawn.h"

/* What it says until it closes its end, or until the deadline. */
static void
read_text(int fd, struct deadline deadline, struct str *text)
{
	char buffer[PROGRAM_TEXT_MAX];
	ssize_t n;

	while (fd_wait_readable(fd, deadline) == 0 &&
	    (n = fd_read(fd, buffer, sizeof buffer)) > 0)
		if (text->len < PROGRAM_TEXT_MAX)
			str_append(text, (struct view) { buffer, (size_t)n });
}

static enum program_end
end_of(pid_t pid, struct deadline deadline, int *code)
{
	int status;

	if (spawn_wait(pid, deadline, &status) < 0) {
		kill(pid, SIGKILL);
		spawn_wait(pid, deadline_never(), &status);
		return PROGRAM_CRASHED;
	}
	if (!WIFEXITED(status))
		return PROGRAM_CRASHED;
	*code = WEXITSTATUS(status);
	return PROGRAM_EXITED;
}

static enum program_end
run_between(char *const *argv, struct env_list *environment, int input, int output[2],
    struct str *text, int *code)
{
	struct deadline deadline = deadline_in(PROGRAM_SECONDS);
	struct spawn child = {
		.path = argv[0], .argv = argv, .env = env_list_array(environment)
	};
	pid_t pid;

	spawn_give(&child, 0, -1);
	spawn_give(&child, 1, STDERR_FILENO);
	spawn_give(&child, 3, input);
	if (text)
		spawn_give(&child, 4, output[1]);
	pid = spawn_start(&child);
	if (pid < 0)
		return errno == EAGAIN || errno == ENOMEM ? PROGRAM_NO_FORK
							  : PROGRAM_NO_PROGRAM;
	fd_close(&output[1]);
	if (text)
		read_text(output[0], deadline, text);
	return end_of(pid, deadline, code);
}

enum program_end
program_run(char *const *argv, struct env_list *environment, struct view input,
    struct str *text, int *code)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };
	enum program_end end = PROGRAM_NO_FORK;

	if (fd_pipe(in) == 0 && (!text || fd_pipe(out) == 0) &&
	    fd_write_all(in[1], input) == 0) {
		fd_close(&in[1]);
		end = run_between(argv, environment, in[0], out, text, code);
	}
	fd_close(&in[0]);
	fd_close(&in[1]);
	fd_close(&out[0]);
	fd_close(&out[1]);
	return end;
}
