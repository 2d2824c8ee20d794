#define _GNU_SOURCE
#include "wire/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fd.h"
#include "os/os.h"
#include "wire/kinds.h"
#include "wire/servicesocket.h"

enum {
	BACKLOG = 128,
	ANSWER_SECONDS = 10, /* that a client may take to read an answer */
	PAUSE_MS = 1000,     /* after an accept or a fork that the system refused */
	LOCK_TRIES = 20,     /* of another service that is just starting */
	LOCK_PAUSE_MS = 50,
};

/* Remove the socket of a dead service, and nothing else. */
static int
remove_stale(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return -1;
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return -1;
	}
	return unlink(path);
}

/* Of a service that was killed only children are left, which finish their sessions: the process that
 * began to listen is gone.  If that cannot be found out it is there. */
static bool
is_orphaned(int fd)
{
	struct ucred listener;
	socklen_t size = sizeof listener;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &listener, &size) == 0 &&
	    listener.pid > 0 && kill(listener.pid, 0) < 0 && errno == ESRCH;
}

/* Does a service listen there?  Then, or when that cannot be found out, -1 with errno. */
static int
make_place(const char *service)
{
	struct sockaddr_un address;
	int fd, result, error;

	if (servicesocket_address(service, &address) < 0 ||
	    (fd = servicesocket_open()) < 0)
		return -1;
	result = connect(fd, (struct sockaddr *)&address, sizeof address);
	error = result == 0 || errno == EAGAIN ? EADDRINUSE : errno;
	if (result == 0 && is_orphaned(fd))
		error = ECONNREFUSED;
	fd_close(&fd);
	if (error == ENOENT)
		return 0;
	if (error == ECONNREFUSED)
		return remove_stale(address.sun_path);
	errno = error;
	return -1;
}

static int
bind_there(const char *service)
{
	struct sockaddr_un address;
	int fd = -1;

	if (servicesocket_address(service, &address) == 0)
		fd = servicesocket_open();
	if (fd >= 0 &&
	    (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
		chmod(address.sun_path, 0666) < 0 || listen(fd, BACKLOG) < 0))
		fd_close(&fd);
	return fd;
}

/* Whoever may read a directory may lock it, for ever, and some file systems lock none: then we go on
 * without. */
static void
lock(int directory)
{
	int tries;

	for (tries = 0; tries < LOCK_TRIES && flock(directory, LOCK_EX | LOCK_NB) < 0 &&
	     errno == EWOULDBLOCK;
	     tries++)
		poll(NULL, 0, LOCK_PAUSE_MS);
}

/* The directory is locked meanwhile: of two that start at once, and both find a dead socket, the
 * second must not throw away what the first has just made. */
int
serve_listen(const char *service)
{
	struct str path = { 0 };
	int directory, fd = -1;

	str_append_text(&path, "run/");
	str_append_text(&path, service);
	directory = open(path.at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	str_free(&path);
	if (directory < 0)
		return -1;
	lock(directory);
	if (make_place(service) == 0)
		fd = bind_there(service);
	fd_close(&directory);
	return fd;
}

int
serve_accept(int listener)
{
	int fd;

	do
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	return fd;
}

bool
serve_may_ask(int fd, bool resident, const uid_t *allowed, size_t count)
{
	uid_t uid = getuid();
	pid_t pid;
	size_t i;

	if (resident && os_peer_credentials(fd, &uid, &pid) < 0)
		return false;
	if (uid == 0 || (resident && uid == geteuid()) ||
	    (!resident && !os_is_privileged()))
		return true;
	for (i = 0; i < count; i++)
		if (uid == allowed[i])
			return true;
	return false;
}

void
serve_unsupported(const struct frame *request, struct str *answer)
{
	frame_start(answer, request->kind, FRAME_UNSUPPORTED, request->id, 0);
}

bool
serve_common(const struct frame *request, struct str *answer)
{
	if (request->version != FRAME_VERSION)
		serve_unsupported(request, answer);
	else if (request->kind == WIRE_HELLO)
		frame_start(answer, WIRE_HELLO, FRAME_OK, request->id, 0);
	else
		return false;
	return true;
}

void
serve_connection(int fd, serve_handler *handle, void *context)
{
	struct str packet = { 0 }, answer = { 0 };
	struct frame request;

	while (frame_receive(fd, &packet, &request, deadline_never()) == 1) {
		if (!serve_common(&request, &answer) &&
		    !handle(context, &request, &answer))
			serve_unsupported(&request, &answer);
		frame_close_fds(&request);
		if (frame_send(fd, &answer, NULL, 0, deadline_in(ANSWER_SECONDS)) < 0)
			break;
	}
	str_free(&packet);
	str_free(&answer);
}

int
serve_signals(sigset_t *before)
{
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &ours, before) < 0)
		return -1;
	return signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
serve_next_signal(int signals)
{
	struct signalfd_siginfo info;

	if (fd_read(signals, &info, sizeof info) != (ssize_t)sizeof info)
		return 0;
	return (int)info.ssi_signo;
}

void
serve_tell(const struct log *log, const char *service, const char *text, int error)
{
	struct log_line line;

	log_begin(&line, log, LOG_SERVE);
	log_add_text(&line, KEY_HELPER, service);
	log_add_text(&line, KEY_REASON, text);
	if (error)
		log_add_text(&line, KEY_ERROR, strerror(error));
	log_end(&line);
}

/* What the loop of serve_forking() knows. */
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
