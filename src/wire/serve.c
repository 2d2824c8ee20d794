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
#include <unistd.h>

#include "lib/fd.h"
#include "os/os.h"
#include "wire/kinds.h"
#include "wire/servicesocket.h"

enum {
	BACKLOG = 128,
	ANSWER_SECONDS = 10, /* that a client may take to read an answer */
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
