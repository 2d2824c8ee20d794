#include "auth/checkpassword.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>

#include "auth/senders.h"
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

enum { STRINGS_FD = 3, SENDERS_FD = 5 };

static pid_t
start(char *const *argv, int strings_fd, int senders_fd)
{
	struct spawn child = { .path = argv[0], .argv = argv, .search = true };

	spawn_give(&child, 0, -1);
	spawn_give(&child, 1, 2);
	spawn_give(&child, STRINGS_FD, strings_fd);
	spawn_give(&child, SENDERS_FD, senders_fd);
	return spawn_start(&child);
}

/* What is in the pipe once the child has ended.  Something that it left running may still hold the
 * other end: nobody is waited for. */
static int
read_senders(int fd, struct str *out)
{
	char buffer[SENDERS_MAX + 1];
	size_t held = 0;
	ssize_t got;

	if (fd_set_blocking(fd, 0) < 0)
		return -1;
	do {
		got = fd_read(fd, buffer + held, sizeof buffer - held);
		if (got < 0 && errno != EAGAIN)
			return -1;
		if (got > 0)
			held += (size_t)got;
	} while (got > 0 && held < sizeof buffer);
	if (held > SENDERS_MAX)
		return -1;
	str_set(out, (struct view) { buffer, held });
	return 0;
}

static enum check_result
judge(pid_t pid, struct deadline deadline)
{
	int status;

	if (spawn_wait(pid, deadline, &status) < 0) {
		spawn_kill(pid, SIGKILL);
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
start_and_judge(
    char *const *argv, int strings_fd, struct deadline deadline, struct str *senders)
{
	enum check_result result;
	int ends[2];
	pid_t pid;

	if (fd_pipe(ends) < 0)
		return CHECK_NO_PIPE;
	pid = start(argv, strings_fd, ends[1]);
	fd_close(&ends[1]);
	result = pid < 0 ? CHECK_NO_CHILD : judge(pid, deadline);
	if ((result == CHECK_ACCEPTED || result == CHECK_NO_RELAY) &&
	    read_senders(ends[0], senders) < 0)
		result = CHECK_TROUBLE;
	fd_close(&ends[0]);
	return result;
}

static enum check_result
ask(char *const *argv, struct view strings, struct deadline deadline, struct str *senders)
{
	enum check_result result;
	int ends[2];

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
	result = start_and_judge(argv, ends[0], deadline, senders);
	fd_close(&ends[0]);
	return result;
}

enum check_result
checkpassword_run(char *const *argv, struct view user, struct view second,
    struct view third, struct deadline deadline, struct str *senders)
{
	char buffer[CHECKPASSWORD_MAX];
	enum check_result result = CHECK_MALFORMED;
	size_t used = 0;

	if (pack(buffer, &used, user) && pack(buffer, &used, second) &&
	    pack(buffer, &used, third))
		result = ask(argv, (struct view) { buffer, used }, deadline, senders);
	os_wipe(buffer, sizeof buffer);
	return result;
}
