#include "auth/checkpassword.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/fd.h"
#include "lib/spawn.h"
#include "os/os.h"

/* Append `text` and a NUL; false if it does not fit or holds a NUL. */
static bool
pack(char *buffer, size_t *used, struct view text)
{
	if (text.len + 1 > CHECKPASSWORD_MAX - *used || view_index(text, '\0') < text.len)
		return false;
	memcpy(buffer + *used, text.at, text.len);
	*used += text.len;
	buffer[(*used)++] = '\0';
	return true;
}

static pid_t
start(char *const *argv, int strings_fd)
{
	struct spawn child = { .path = argv[0], .argv = argv, .search = true };

	spawn_give(&child, 0, -1);
	spawn_give(&child, 1, 2);
	spawn_give(&child, 3, strings_fd);
	return spawn_start(&child);
}

static enum check_result
judge(pid_t pid, struct deadline deadline)
{
	int status;

	if (spawn_wait(pid, deadline, &status) < 0) {
		kill(pid, SIGKILL);
		spawn_wait(pid, deadline_never(), &status);
		return CHECK_CRASHED;
	}
	if (!WIFEXITED(status))
		return CHECK_CRASHED;
	switch (WEXITSTATUS(status)) {
	case 0:
		return CHECK_ACCEPTED;
	case 1:
		return CHECK_REFUSED;
	case 3:
		return CHECK_NO_RELAY;
	default:
		return CHECK_TROUBLE;
	}
}

static enum check_result
ask(char *const *argv, struct view strings, struct deadline deadline)
{
	int ends[2];
	pid_t pid;

	if (fd_pipe(ends) < 0)
		return CHECK_NO_PIPE;
	/* Never blocks: a pipe holds far more than CHECKPASSWORD_MAX.  Written while our own reading
	 * end is open, so that a checker that does not read is judged by its exit alone. */
	if (fd_write_all(ends[1], strings) < 0) {
		fd_close(&ends[0]);
		fd_close(&ends[1]);
		return CHECK_NO_WRITE;
	}
	fd_close(&ends[1]);
	pid = start(argv, ends[0]);
	fd_close(&ends[0]);
	return pid < 0 ? CHECK_NO_CHILD : judge(pid, deadline);
}

enum check_result
checkpassword_run(char *const *argv, struct view user, struct view second,
    struct view third, struct deadline deadline)
{
	char buffer[CHECKPASSWORD_MAX];
	enum check_result result = CHECK_MALFORMED;
	size_t used = 0;

	if (pack(buffer, &used, user) && pack(buffer, &used, second) &&
	    pack(buffer, &used, third))
		result = ask(argv, (struct view) { buffer, used }, deadline);
	os_wipe(buffer, sizeof buffer);
	return result;
}
