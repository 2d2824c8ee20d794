#define _GNU_SOURCE
#include "wire/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/mem.h"
#include "wire/brokercall.h"
#include "wire/brokerenv.h"
#include "wire/brokerframe.h"
#include "wire/brokerstart.h"
#include "wire/kinds.h"
#include "wire/servicesocket.h"

enum {
	END_MS = 1000, /* that one of our own may take to end */
	LOOK_MS = 5,   /* between looks whether it has ended */
};

/* --- a resident one --------------------------------------------------------------------------------------- */

/* Cheap where there is none. */
static int
connect_to(const char *service)
{
	struct sockaddr_un address;

	if (servicesocket_address(service, &address) < 0 ||
	    access(address.sun_path, F_OK) < 0)
		return -1;
	return servicesocket_connect(&address);
}

static void
pack_open(struct broker *b)
{
	size_t i;

	frame_start(&b->request, WIRE_BROKER_OPEN, FRAME_OK, 0, 0);
	for (i = 0; i < b->commands.count; i++)
		frame_add(
		    &b->request, TAG_BROKER_COMMAND, str_view(&b->commands.packed[i]));
	for (i = 0; b->base[i]; i++)
		frame_add(&b->request, TAG_BROKER_SET, view_of(b->base[i]));
}

/* Have it agree to what we want of it. */
static bool
is_agreed(struct broker *b, struct str *reason)
{
	static const int log = STDERR_FILENO;
	struct frame answer;
	struct view why = VIEW("no reason given");

	pack_open(b);
	if (brokercall_ask(b, &b->request, &log, 1, &answer) < 0) {
		why = VIEW("it does not answer");
	} else {
		if (answer.status == FRAME_OK)
			return true;
		frame_find(&answer, TAG_REASON, &why);
	}
	str_set(reason, why);
	fd_close(&b->fd);
	return false;
}

static void
clean_up(struct broker *b)
{
	fd_close(&b->fd);
	brokercall_forget_children(b);
	brokercommands_free(&b->commands);
	mem_free(b->base);
	str_free(&b->request);
	str_free(&b->more);
	str_free(&b->answer);
	*b = (struct broker) { .fd = -1 };
}

bool
broker_reach(struct broker *b, const char *service)
{
	int fd = connect_to(service);

	if (fd >= 0)
		*b = (struct broker) { .fd = fd, .service = service };
	return fd >= 0;
}

bool
broker_agree(struct broker *b, struct broker_commands *commands, struct str *reason)
{
	struct broker_commands none = { 0 };

	b->commands = *commands;
	b->base = brokerenv_copy();
	if (is_agreed(b, reason)) {
		*commands = none;
		return true;
	}
	b->commands = none;
	clean_up(b);
	return false;
}

void
broker_take(struct broker *b, int fd, pid_t pid)
{
	*b = (struct broker) { .fd = fd, .pid = pid, .base = brokerenv_copy() };
}

/* One that was lost has closed its socket, which comes some time before its end. */
static void
see_it_gone(struct broker *b)
{
	struct deadline deadline = deadline_in_ms(END_MS);

	for (brokercall_bury(b, WNOHANG); b->pid > 0 && !deadline_passed(deadline);
	     brokercall_bury(b, WNOHANG))
		poll(NULL, 0, LOOK_MS);
}

/* A service that was started anew has forgotten us, and is told again.  0, or -1 with EAGAIN. */
static int
reach_again(struct broker *b)
{
	struct str reason = { 0 };
	bool agreed;

	fd_close(&b->fd);
	see_it_gone(b);
	if (b->service)
		b->fd = connect_to(b->service);
	agreed = b->fd >= 0 && is_agreed(b, &reason);
	str_free(&reason);
	errno = EAGAIN;
	return agreed ? 0 : -1;
}

/* --- START ------------------------------------------------------------------------------------------------ */

static int
send_more(struct broker *b)
{
	struct frame answer;

	if (b->more.len == FRAME_HEADER)
		return 0;
	if (brokercall_ask(b, &b->more, NULL, 0, &answer) < 0)
		return -1;
	errno = E2BIG;
	return answer.status == FRAME_OK ? 0 : -1;
}

static pid_t
ask(struct broker *b, const struct brokerstart_fds *passed)
{
	struct frame answer;

	if (b->fd < 0) {
		errno = EPIPE;
		return -1;
	}
	if (send_more(b) < 0 ||
	    brokercall_ask(b, &b->request, passed->fds, passed->count, &answer) < 0)
		return -1;
	return brokerframe_started(&answer);
}

static pid_t
start_between(struct broker *b, const struct spawn *s, int handle)
{
	struct brokerstart_fds passed = { { handle }, 1 };
	struct broker_start start = { 0 };
	pid_t pid;

	if (!brokerstart_describe(s, &passed, &start)) {
		errno = EINVAL;
		return -1;
	}
	brokerstart_pack(b, s, &start);
	pid = ask(b, &passed);
	if (pid < 0 && errno == EPIPE) {
		if (reach_again(b) < 0)
			return -1;
		brokerstart_pack(b, s, &start);
		pid = ask(b, &passed);
	}
	if (pid < 0 && errno == EPIPE)
		errno = EAGAIN;
	return pid;
}

static pid_t
start(void *context, const struct spawn *s)
{
	struct broker *b = context;
	int pair[2], error;
	pid_t pid;

	if (b->count == BROKER_CHILDREN) {
		errno = EAGAIN;
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	pid = start_between(b, s, pair[1]);
	error = errno;
	fd_close(&pair[1]);
	if (pid < 0) {
		fd_close(&pair[0]);
		errno = error;
		return -1;
	}
	b->children[b->count].pid = pid;
	b->children[b->count++].handle = pair[0];
	return pid;
}

/* --- a child ---------------------------------------------------------------------------------------------- */

/* Its place in the list; b->count: it is not there. */
static size_t
place_of(const struct broker *b, pid_t pid)
{
	size_t i;

	for (i = 0; i < b->count && b->children[i].pid != pid; i++)
		continue;
	return i;
}

static int
watch(void *context, pid_t pid)
{
	struct broker *b = context;
	size_t i = place_of(b, pid);

	if (i == b->count) {
		errno = ECHILD;
		return -1;
	}
	return fcntl(b->children[i].handle, F_DUPFD_CLOEXEC, 0);
}

static int
wait_for(void *context, pid_t pid, struct deadline deadline, int *status)
{
	struct broker *b = context;
	size_t i = place_of(b, pid);
	struct frame frame;
	bool known;

	if (i == b->count) {
		errno = ECHILD;
		return -1;
	}
	if (fd_wait_readable(b->children[i].handle, deadline) < 0)
		return -1;
	known = frame_receive(b->children[i].handle, &b->answer, &frame, deadline) == 1;
	if (known)
		frame_close_fds(&frame);
	known = known && brokerframe_ended(&frame, status);
	fd_close(&b->children[i].handle);
	b->children[i] = b->children[--b->count];
	errno = ECHILD;
	return known ? 0 : -1;
}

static int
send_signal(void *context, pid_t pid, int signal_number)
{
	struct broker *b = context;
	struct frame answer;

	errno = ESRCH;
	if (place_of(b, pid) == b->count || b->fd < 0)
		return -1;
	brokerframe_pack_kill(&b->request, pid, signal_number);
	if (brokercall_ask(b, &b->request, NULL, 0, &answer) < 0)
		return -1;
	errno = ESRCH;
	return answer.status == FRAME_OK ? 0 : -1;
}

/* --- use and end -------------------------------------------------------------------------------------------- */

void
broker_use(struct broker *b)
{
	b->hooks = (struct spawn_broker) { .start = start,
		.watch = watch,
		.wait = wait_for,
		.kill = send_signal,
		.context = b };
	spawn_through(&b->hooks);
}

/* It ends when it sees that we do; its end of the socket goes with it. */
static void
see_it_end(struct broker *b)
{
	struct frame frame;
	int result;

	shutdown(b->fd, SHUT_WR);
	do {
		result = frame_receive(b->fd, &b->answer, &frame, deadline_in_ms(END_MS));
		if (result == 1)
			frame_close_fds(&frame);
	} while (result == 1);
	brokercall_bury(b, result == 0 ? 0 : WNOHANG);
}

void
broker_end(struct broker *b)
{
	if (b->hooks.context == b)
		spawn_through(NULL);
	if (b->pid > 0 && b->fd >= 0)
		see_it_end(b);
	else if (b->pid > 0)
		see_it_gone(b);
	clean_up(b);
}
