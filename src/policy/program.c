#include "policy/program.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/spawn.h"

/* A program that runs. */
struct running {
	pid_t pid;
	int fd;       /* what it says; -1: nothing more */
	int child_fd; /* can be read once it has ended; -1: cannot be known */
	struct deadline deadline;
};

/* One read.  False: it has said too much. */
static bool
take_text(struct running *r, struct str *text)
{
	char buffer[4096];
	ssize_t got = fd_read(r->fd, buffer, sizeof buffer);

	if (got <= 0) {
		fd_close(&r->fd);
		return true;
	}
	if ((size_t)got > PROGRAM_TEXT_MAX - text->len)
		return false;
	str_append(text, (struct view) { buffer, (size_t)got });
	return true;
}

/* What it says until it closes its end, or ends itself: somebody who inherited the pipe from it may
 * keep it open.  False: it has said too much. */
static bool
listen_to(struct running *r, struct str *text)
{
	bool ended = false;

	while (r->fd >= 0) {
		struct pollfd both[2] = { { r->fd, POLLIN, 0 },
			{ r->child_fd, POLLIN, 0 } };
		int ready = poll(both, 2, ended ? 0 : deadline_left_ms(r->deadline));

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0 || (ended && !both[0].revents))
			return true;
		if (both[0].revents && !take_text(r, text))
			return false;
		ended = both[1].revents;
	}
	return true;
}

static enum program_end
kill_for(pid_t pid, enum program_end why)
{
	int status;

	spawn_kill(pid, SIGKILL);
	spawn_wait(pid, deadline_never(), &status);
	return why;
}

static enum program_end
end_of(const struct running *r, int *code)
{
	int status;

	if (spawn_wait(r->pid, r->deadline, &status) < 0)
		return errno == ETIMEDOUT ? kill_for(r->pid, PROGRAM_LATE) : PROGRAM_LOST;
	if (!WIFEXITED(status))
		return PROGRAM_CRASHED;
	*code = WEXITSTATUS(status);
	return PROGRAM_EXITED;
}

static pid_t
start(const struct program *p, int input, int output)
{
	struct spawn child = {
		.path = p->argv[0], .argv = p->argv, .env = env_list_array(p->environment)
	};

	spawn_give(&child, 0, p->is_deaf ? SPAWN_CLOSED : SPAWN_NULL);
	if (p->text_fd != 1)
		spawn_give(&child, 1, STDERR_FILENO);
	if (p->has_input)
		spawn_give(&child, 3, input);
	if (p->text_fd)
		spawn_give(&child, p->text_fd, output);
	return spawn_start(&child);
}

static enum program_end
run_between(
    const struct program *p, int input, int output[2], struct str *text, int *code)
{
	int64_t seconds = p->seconds > INT32_MAX ? INT32_MAX : (int64_t)p->seconds;
	struct running r = { .fd = -1, .deadline = deadline_in(seconds) };
	enum program_end end;

	r.pid = start(p, input, output[1]);
	if (r.pid < 0)
		return spawn_is_shortage(errno) ? PROGRAM_NO_FORK : PROGRAM_NO_PROGRAM;
	fd_close(&output[1]);
	r.fd = output[0];
	output[0] = -1;
	r.child_fd = spawn_watch(r.pid);
	end = listen_to(&r, text) ? end_of(&r, code) : kill_for(r.pid, PROGRAM_FLOOD);
	fd_close(&r.fd);
	fd_close(&r.child_fd);
	return end;
}

enum program_end
program_run(const struct program *p, struct str *text, int *code)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };
	enum program_end end = PROGRAM_NO_PIPE;

	if ((!p->has_input || (fd_pipe(in) == 0 && fd_write_all(in[1], p->input) == 0)) &&
	    (!p->text_fd || fd_pipe(out) == 0)) {
		fd_close(&in[1]);
		end = run_between(p, in[0], out, text, code);
	}
	fd_close(&in[0]);
	fd_close(&in[1]);
	fd_close(&out[0]);
	fd_close(&out[1]);
	return end;
}
