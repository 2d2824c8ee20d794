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
#include "wire/brokerframe.h"
#include "wire/kinds.h"
#include "wire/servicesocket.h"

extern char **environ;

enum {
	ANSWER_MS = 30000, /* that a broker may take: an exec from a slow disk */
	END_MS = 1000,     /* that one of our own may take to end */
	LOOK_MS = 5,       /* between looks whether it has ended */
	HANDLE = 0,        /* among the descriptors of a request */
};

/* --- one request ---------------------------------------------------------------------------------------- */

static void
forget_children(struct broker *b)
{
	while (b->count > 0)
		fd_close(&b->children[--b->count].handle);
}

/* One of our own has died: it is not left to lie there for the rest of a session. */
static void
bury(struct broker *b, int options)
{
	int status;

	if (b->pid > 0 && waitpid(b->pid, &status, options) == b->pid)
		b->pid = 0;
}

/* It has gone; the children that it had may still be told of. */
static int
lose(struct broker *b)
{
	fd_close(&b->fd);
	bury(b, WNOHANG);
	errno = EAGAIN;
	return -1;
}

/* It does not answer, or breaks the rules: it is as good as dead. */
static int
give_up(struct broker *b)
{
	forget_children(b);
	return lose(b);
}

/* Send it, and hear the answer.  0, or -1: with EPIPE the broker has not got it. */
static int
call(struct broker *b, struct str *packet, const int *fds, size_t fd_count,
    struct frame *answer)
{
	struct deadline deadline = deadline_in_ms(ANSWER_MS);

	frame_stamp(packet, ++b->next_id, ANSWER_MS);
	if (frame_send(b->fd, packet, fds, fd_count, deadline) < 0) {
		if (errno != EPIPE && errno != ECONNRESET)
			return give_up(b);
		lose(b);
		errno = EPIPE;
		return -1;
	}
	switch (frame_receive(b->fd, &b->answer, answer, deadline)) {
	case 1:
		break;
	case 0:
		return lose(b);
	default:
		return give_up(b);
	}
	frame_close_fds(answer);
	if (answer->version != FRAME_VERSION || answer->id != b->next_id ||
	    answer->kind != (uint8_t)packet->at[3])
		return give_up(b);
	return 0;
}

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
	if (call(b, &b->request, &log, 1, &answer) < 0) {
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
	forget_children(b);
	brokercommands_free(&b->commands);
	mem_free(b->base);
	str_free(&b->request);
	str_free(&b->more);
	str_free(&b->answer);
	*b = (struct broker) { .fd = -1 };
}

/* The strings stay where they are while others take their places. */
static char **
copy_environment(void)
{
	size_t count = 0;
	char **copy;

	while (environ && environ[count])
		count++;
	copy = mem_alloc((count + 1) * sizeof *copy);
	if (count > 0)
		memcpy(copy, environ, count * sizeof *copy);
	copy[count] = NULL;
	return copy;
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
	b->base = copy_environment();
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
	*b = (struct broker) { .fd = fd, .pid = pid, .base = copy_environment() };
}

/* One that was lost has closed its socket, which comes some time before its end. */
static void
see_it_gone(struct broker *b)
{
	struct deadline deadline = deadline_in_ms(END_MS);

	for (bury(b, WNOHANG); b->pid > 0 && !deadline_passed(deadline); bury(b, WNOHANG))
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

/* --- the environment -------------------------------------------------------------------------------------- */

/* Variables that find no room in the START go before it. */
struct changes {
	struct str *start, *more;
};

static void
add_change(struct changes *c, uint16_t tag, struct view octets)
{
	enum { FIELD_HEADER = 4 };

	if (octets.len + FIELD_HEADER <= FRAME_MAX - c->start->len)
		frame_add(c->start, tag, octets);
	else
		frame_add(c->more, tag, octets);
}

static bool
has_entry(char *const *list, const char *entry)
{
	size_t i;

	for (i = 0; list[i]; i++)
		if (strcmp(list[i], entry) == 0)
			return true;
	return false;
}

static bool
has_name(char *const *list, struct view name)
{
	size_t i;

	for (i = 0; list[i]; i++)
		if (strncmp(list[i], name.at, name.len) == 0 && list[i][name.len] == '=')
			return true;
	return false;
}

/* Both are mostly the same, in the same order. */
static void
compare_environments(struct changes *c, char *const *base, char *const *now)
{
	struct view name, value;
	size_t i, same = 0;

	while (base[same] && now[same] &&
	    (base[same] == now[same] || strcmp(base[same], now[same]) == 0))
		same++;
	for (i = same; now[i]; i++)
		if (!has_entry(base, now[i]))
			add_change(c, TAG_BROKER_SET, view_of(now[i]));
	for (i = same; base[i]; i++)
		if (view_cut(view_of(base[i]), '=', &name, &value) &&
		    !has_name(now, name))
			add_change(c, TAG_BROKER_UNSET, name);
}

/* --- START ------------------------------------------------------------------------------------------------ */

/* The descriptors that go along, each once. */
struct passed {
	int fds[FRAME_FDS];
	size_t count;
};

/* What the child's descriptor is, for the frame; -1: too many. */
static int
pass(struct passed *passed, int from)
{
	size_t i;

	if (from == STDERR_FILENO)
		return BROKER_LOG;
	if (from == SPAWN_NULL)
		return BROKER_NULL;
	if (from == SPAWN_CLOSED)
		return BROKER_CLOSED;
	for (i = HANDLE + 1; i < passed->count; i++)
		if (passed->fds[i] == from)
			return (int)i;
	if (passed->count == FRAME_FDS)
		return -1;
	passed->fds[passed->count] = from;
	return (int)passed->count++;
}

static bool
describe(const struct spawn *s, struct passed *passed, struct broker_start *start)
{
	size_t i;

	start->keep_sigpipe_ignored = s->keep_sigpipe_ignored;
	for (i = 0; i < s->fd_count; i++) {
		int from = pass(passed, s->fds[i].from);

		if (from < 0 || s->fds[i].to < 0 || s->fds[i].to > UINT8_MAX)
			return false;
		start->fds[i].to = (uint8_t)s->fds[i].to;
		start->fds[i].from = (uint8_t)from;
	}
	start->fd_count = s->fd_count;
	return !s->dir && s->argv[0];
}

static void
pack_start(struct broker *b, const struct spawn *s, struct broker_start *start)
{
	struct changes changes = { &b->request, &b->more };
	struct str command = { 0 };

	brokercommands_pack(&command, s->argv, s->search);
	start->command = str_view(&command);
	frame_start(&b->request, WIRE_BROKER_START, FRAME_OK, 0, 0);
	frame_start(&b->more, WIRE_BROKER_ADD, FRAME_OK, 0, 0);
	brokerframe_add_start(&b->request, start);
	compare_environments(&changes, b->base, s->env ? s->env : environ);
	str_free(&command);
}

static int
send_more(struct broker *b)
{
	struct frame answer;

	if (b->more.len == FRAME_HEADER)
		return 0;
	if (call(b, &b->more, NULL, 0, &answer) < 0)
		return -1;
	errno = E2BIG;
	return answer.status == FRAME_OK ? 0 : -1;
}

static pid_t
ask(struct broker *b, const struct passed *passed)
{
	struct frame answer;

	if (b->fd < 0) {
		errno = EPIPE;
		return -1;
	}
	if (send_more(b) < 0 ||
	    call(b, &b->request, passed->fds, passed->count, &answer) < 0)
		return -1;
	return brokerframe_started(&answer);
}

static pid_t
start_between(struct broker *b, const struct spawn *s, int handle)
{
	struct passed passed = { { handle }, 1 };
	struct broker_start start = { 0 };
	pid_t pid;

	if (!describe(s, &passed, &start)) {
		errno = EINVAL;
		return -1;
	}
	pack_start(b, s, &start);
	pid = ask(b, &passed);
	if (pid < 0 && errno == EPIPE) {
		if (reach_again(b) < 0)
			return -1;
		pack_start(b, s, &start);
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
	if (call(b, &b->request, NULL, 0, &answer) < 0)
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
	bury(b, result == 0 ? 0 : WNOHANG);
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
