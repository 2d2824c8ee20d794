#include "wire/serveforking.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fd.h"
#include "wire/serve.h"

enum { PAUSE_MS = 1000 }; /* after an accept or a fork that the system refused */

/* What the loop knows. */
struct forking {
	const char *service;
	const struct log *log;
	serve_session *session;
	void *context;
	int listener, signals;
	size_t running, most;
	sigset_t before;
	bool paused;
};

static void
tell_of_death(const struct forking *f, pid_t pid, int status)
{
	struct log_line line;

	log_begin(&line, f->log, LOG_SERVE);
	log_add_text(&line, KEY_HELPER, f->service);
	log_add_text(
	    &line, KEY_REASON, WIFSIGNALED(status) ? "worker killed" : "worker failed");
	log_add_u64(&line, KEY_PID, (uint64_t)pid);
	log_add_u64(&line, KEY_CODE,
	    (uint64_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)));
	log_end(&line);
}

static void
reap(struct forking *f)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (f->running > 0)
			f->running--;
		if (status != 0)
			tell_of_death(f, pid, status);
	}
}

static _Noreturn void
be_the_child(struct forking *f, int fd)
{
	fd_close(&f->listener);
	fd_close(&f->signals);
	sigprocmask(SIG_SETMASK, &f->before, NULL);
	f->session(f->context, fd);
	_exit(0);
}

static void
take_one(struct forking *f)
{
	int fd = serve_accept(f->listener);
	pid_t pid;

	if (fd < 0) {
		f->paused =
		    errno != EAGAIN && errno != EWOULDBLOCK && errno != ECONNABORTED;
		if (f->paused)
			serve_tell(f->log, f->service, "cannot accept", errno);
		return;
	}
	pid = fork();
	if (pid == 0)
		be_the_child(f, fd);
	if (pid > 0) {
		f->running++;
	} else {
		f->paused = true;
		serve_tell(f->log, f->service, "cannot fork", errno);
	}
	fd_close(&fd);
}

/* One turn: wait, then see to children and one connection.  False at SIGTERM. */
static bool
turn(struct forking *f)
{
	struct pollfd wait[2] = { { f->signals, POLLIN, 0 }, { f->listener, POLLIN, 0 } };
	int sig;

	if (f->paused || f->running >= f->most)
		wait[1].fd = -1;
	if (poll(wait, 2, f->paused ? PAUSE_MS : -1) < 0 && errno != EINTR)
		return false;
	f->paused = false;
	while ((sig = serve_next_signal(f->signals)) != 0) {
		if (sig != SIGCHLD)
			return false;
		reap(f);
	}
	if (wait[1].fd >= 0 && wait[1].revents)
		take_one(f);
	return true;
}

int
serve_forking(const char *service, size_t children, serve_session *session, void *context,
    const struct log *log)
{
	struct forking f = { .service = service,
		.log = log,
		.session = session,
		.context = context,
		.most = children };

	f.listener = serve_listen(service);
	if (f.listener < 0)
		return -1;
	f.signals = serve_signals(&f.before);
	if (f.signals < 0) {
		fd_close(&f.listener);
		return -1;
	}
	serve_tell(log, service, "started", 0);
	while (turn(&f))
		continue;
	fd_close(&f.listener);
	fd_close(&f.signals);
	sigprocmask(SIG_SETMASK, &f.before, NULL);
	serve_tell(log, service, "stopped", 0);
	return 0;
}
