#include "queue/submit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/scan.h"
#include "lib/spawn.h"

enum {
	EXIT_TIMEOUT = 52,
	EXIT_SHORT_READ = 54,
	EXIT_EXEC_FAILED = 120,
	KILLED_MS = 1000,  /* that a program may take to end once it was killed */
	UNWATCHED_MS = 50, /* between looks at a program that is not watched */
};

struct pipes {
	int message[2], envelope[2], error[2];
};

static void
pipes_close(struct pipes *p)
{
	int i;

	for (i = 0; i < 2; i++) {
		fd_close(&p->message[i]);
		fd_close(&p->envelope[i]);
		fd_close(&p->error[i]);
	}
}

/* Our writing ends do not block: while the program does not read we read its error text, or both
 * would wait for ever. */
static int
pipes_open(struct pipes *p)
{
	*p = (struct pipes) { { -1, -1 }, { -1, -1 }, { -1, -1 } };
	if (fd_pipe(p->message) == 0 && fd_pipe(p->envelope) == 0 &&
	    fd_pipe(p->error) == 0 &&
	    fcntl(p->message[1], F_SETFL, O_WRONLY | O_NONBLOCK) == 0 &&
	    fcntl(p->envelope[1], F_SETFL, O_WRONLY | O_NONBLOCK) == 0)
		return 0;
	pipes_close(p);
	return -1;
}

static const char *
value_in(const struct env_list *env, const char *name)
{
	return env ? env_list_value(env, name) : env_value(name);
}

/* The extra descriptor that sagredo's and indimail's programs are told of; 0 and 1 are taken. */
static bool
wants_error_fd(const struct env_list *env, int *fd)
{
	const char *value = value_in(env, "ERROR_FD");
	uint64_t n;

	if (!value || !scan_whole_u64(view_of(value), &n) || n < 2 || n > 255)
		return false;
	*fd = (int)n;
	return n != 4 && n != 6;
}

static pid_t
start(struct pipes *p, struct env_list *env)
{
	const char *path = value_in(env, "QMAILQUEUE");
	char *argv[2] = { NULL, NULL };
	struct str name = { 0 };
	struct spawn child = { .argv = argv, .keep_sigpipe_ignored = true };
	int extra;
	pid_t pid;

	str_append_text(&name, path ? path : "bin/qmail-queue");
	child.path = argv[0] = name.at;
	child.env = env ? env_list_array(env) : NULL;
	spawn_give(&child, 0, p->message[0]);
	spawn_give(&child, 1, p->envelope[0]);
	spawn_give(&child, 4, p->error[1]);
	spawn_give(&child, 6, p->error[1]);
	if (wants_error_fd(env, &extra))
		spawn_give(&child, extra, p->error[1]);
	pid = spawn_start(&child);
	str_free(&name);
	return pid;
}

int
submit_open(struct submit *s, struct env_list *env)
{
	struct pipes p;
	pid_t pid;

	if (pipes_open(&p) < 0)
		return -1;
	pid = start(&p, env);
	if (pid < 0 && spawn_is_shortage(errno)) {
		pipes_close(&p);
		return -1;
	}
	fd_close(&p.message[0]);
	fd_close(&p.envelope[0]);
	fd_close(&p.error[1]);
	s->pid = pid < 0 ? 0 : pid;
	s->failed = s->exec_failed = pid < 0;
	s->given_up = false;
	s->deadline = deadline_never();
	s->message_fd = p.message[1];
	s->envelope_fd = p.envelope[1];
	s->error_fd = p.error[0];
	s->child_fd = -1;
	s->in_envelope = false;
	s->octets = 0;
	s->used = s->text_len = 0;
	return 0;
}

/* One read of the error text; what is too much is read and dropped. */
static void
take_text(struct submit *s)
{
	char octets[512];
	ssize_t got = fd_read(s->error_fd, octets, sizeof octets);
	size_t take;

	if (got <= 0) {
		fd_close(&s->error_fd);
		return;
	}
	take = (size_t)got;
	if (take > sizeof s->text - s->text_len)
		take = sizeof s->text - s->text_len;
	memcpy(s->text + s->text_len, octets, take);
	s->text_len += take;
}

/* Most programs end at once, which their error text's end tells.  Only one that takes its time is
 * worth a descriptor of its own. */
static void
watch(struct submit *s)
{
	if (s->child_fd < 0)
		s->child_fd = spawn_watch(s->pid);
}

/* Has the program ended?  `revents` is what poll(2) says of s->child_fd.  A broker's child is not
 * ours to wait for: it is watched from now on. */
static bool
has_ended(struct submit *s, short revents)
{
	siginfo_t info = { 0 };

	if (s->child_fd >= 0)
		return revents != 0;
	if (waitid(P_PID, (id_t)s->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
		return info.si_pid == s->pid;
	watch(s);
	return s->child_fd < 0;
}

/* For poll(2). */
static int
patience(const struct submit *s)
{
	int left = deadline_left_ms(s->deadline);

	if (s->child_fd < 0 && (left < 0 || left > UNWATCHED_MS))
		return UNWATCHED_MS;
	return left;
}

/* If it had all the time that there is, it is killed.  It may be one that hangs. */
static bool
gives_up(struct submit *s)
{
	if (!deadline_passed(s->deadline))
		return false;
	if (!s->given_up)
		spawn_kill(s->pid, SIGKILL);
	s->given_up = s->failed = true;
	return true;
}

/* Somebody who inherited the other end from the program may keep it open, and full, for days: we
 * wait for the program only. */
static int
wait_for_room(struct submit *s, int fd)
{
	struct pollfd any[3] = { { fd, POLLOUT, 0 }, { s->error_fd, POLLIN, 0 },
		{ s->child_fd, POLLIN, 0 } };
	int ready = poll(any, 3, patience(s));

	if (ready < 0)
		return errno == EINTR ? 0 : -1;
	if (gives_up(s))
		return -1;
	if (ready == 0)
		watch(s);
	if (any[1].revents)
		take_text(s);
	return !any[0].revents && has_ended(s, any[2].revents) ? -1 : 0;
}

static void
send_out(struct submit *s, struct view octets)
{
	int fd = s->in_envelope ? s->envelope_fd : s->message_fd;

	while (octets.len > 0 && !s->failed) {
		ssize_t put = fd_write(fd, octets.at, octets.len);

		if (put >= 0)
			octets = view_from(octets, (size_t)put);
		else if (errno != EAGAIN || wait_for_room(s, fd) < 0)
			s->failed = true;
	}
}

static void
flush(struct submit *s)
{
	send_out(s, (struct view) { s->buffer, s->used });
	s->used = 0;
}

static void
put(struct submit *s, struct view octets)
{
	if (octets.len > sizeof s->buffer - s->used)
		flush(s);
	if (s->failed)
		return;
	if (octets.len >= sizeof s->buffer) {
		send_out(s, octets);
		return;
	}
	memcpy(s->buffer + s->used, octets.at, octets.len);
	s->used += octets.len;
}

void
submit_put(struct submit *s, struct view octets)
{
	s->octets += octets.len;
	if (!s->failed && octets.len > 0)
		put(s, octets);
}

void
submit_fail(struct submit *s)
{
	s->failed = true;
}

static void
put_address(struct submit *s, const char *letter, struct view address)
{
	if (view_index(address, '\0') < address.len)
		s->failed = true;
	if (s->failed)
		return;
	put(s, (struct view) { letter, 1 });
	if (address.len > 0)
		put(s, address);
	put(s, (struct view) { "", 1 });
}

void
submit_sender(struct submit *s, struct view sender)
{
	flush(s);
	fd_close(&s->message_fd);
	s->in_envelope = true;
	put_address(s, "F", sender);
}

void
submit_recipient(struct submit *s, struct view recipient)
{
	put_address(s, "T", recipient);
}

/* Read the error text until its end or the program's: somebody who inherited the pipe from the
 * program may keep it open for days.  Once the program is gone, take what is there and no more. */
static void
read_text(struct submit *s)
{
	bool ended = false;

	while (s->error_fd >= 0 && !(ended && s->text_len == sizeof s->text)) {
		struct pollfd both[2] = { { s->error_fd, POLLIN, 0 },
			{ s->child_fd, POLLIN, 0 } };
		int ready = poll(both, 2, ended ? 0 : patience(s));

		if ((ready < 0 && errno != EINTR) || gives_up(s))
			break;
		if (both[0].revents)
			take_text(s);
		else if (ended)
			break;
		else if (ready == 0)
			watch(s);
		ended = s->error_fd >= 0 && has_ended(s, both[1].revents);
	}
}

/* What submit_judge() wants to know: how the program ended. */
static int
wait_for_exit(struct submit *s)
{
	int status = 0, code;

	if (s->exec_failed)
		return EXIT_EXEC_FAILED;
	read_text(s);
	if (spawn_wait(s->pid, s->deadline, &status) < 0 &&
	    (!gives_up(s) || spawn_wait(s->pid, deadline_in_ms(KILLED_MS), &status) < 0))
		return s->given_up ? EXIT_TIMEOUT : SUBMIT_WAIT_FAILED;
	if (!WIFEXITED(status))
		return s->given_up ? EXIT_TIMEOUT : SUBMIT_CRASHED;
	code = WEXITSTATUS(status);
	/* Success of a program that read nothing is success (D35), unless we had more to say. */
	return code == 0 && s->failed ? EXIT_SHORT_READ : code;
}

void
submit_close(struct submit *s, struct submit_verdict *verdict)
{
	int code;

	if (!s->in_envelope)
		s->failed = true;
	if (!s->failed)
		put(s, (struct view) { "", 1 });
	flush(s);
	fd_close(&s->message_fd);
	fd_close(&s->envelope_fd);
	code = wait_for_exit(s);
	fd_close(&s->error_fd);
	fd_close(&s->child_fd);
	submit_judge(code, (struct view) { s->text, s->text_len }, verdict);
}
