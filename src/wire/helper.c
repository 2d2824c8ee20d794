#define _GNU_SOURCE
#include "wire/helper.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/spawn.h"
#include "wire/servicesocket.h"

enum {
	END_MS = 1000, /* that a helper may take to end after we closed its connection */
	GRACE_MS = 2000, /* for the answer of a helper that gave up at the deadline */
	STALE_MAX = 256, /* answers to older requests that are dropped in one call */
};

/* How one try at a call ended. */
enum outcome {
	OUTCOME_ANSWERED,
	OUTCOME_NOT_SENT, /* the helper has not got the request */
	OUTCOME_REFUSED,  /* it has, and does not know such a request */
	OUTCOME_LOST,     /* it has, and died or broke the rules */
	OUTCOME_LATE,     /* the deadline passed */
};

void
helper_init(struct helper *h)
{
	*h = (struct helper) { .fd = -1 };
}

static int
connect_resident(const char *service)
{
	struct sockaddr_un address;

	return servicesocket_address(service, &address) < 0
	    ? -1
	    : servicesocket_connect(&address);
}

bool
helper_is_resident(const char *service)
{
	int fd = connect_resident(service);
	bool there = fd >= 0;

	fd_close(&fd);
	return there;
}

static int
reach_resident(struct helper *h, const struct helper_name *name)
{
	int fd = connect_resident(name->service);

	if (fd < 0)
		return -1;
	h->fd = fd;
	h->resident = true;
	return 0;
}

/* Start one of our own.  Our descriptor 1 may be the network of an SMTP session: the helper gets
 * /dev/null for it, and our stderr. */
static int
reach_on_demand(struct helper *h, const struct helper_name *name)
{
	char program[] = "helper", *argv[3] = { program, NULL, NULL };
	struct str path = { 0 }, mode = { 0 };
	struct spawn child = { 0 };
	int pair[2];

	if (!name->program) {
		if (!h->reason)
			h->reason = "the service is not running";
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		h->reason = "no socket for a helper";
		return -1;
	}
	str_append_text(&path, "bin/");
	str_append_text(&path, name->program);
	if (name->mode) {
		str_append_text(&mode, name->mode);
		argv[1] = mode.at;
	}
	argv[0] = path.at;
	child.path = path.at;
	child.argv = argv;
	spawn_give(&child, 0, pair[1]);
	spawn_give(&child, 1, -1);
	h->pid = spawn_start(&child);
	fd_close(&pair[1]);
	str_free(&path);
	str_free(&mode);
	if (h->pid < 0) {
		h->reason =
		    errno == ENOENT ? "no such helper" : "helper cannot be started";
		h->pid = 0;
		fd_close(&pair[0]);
		return -1;
	}
	h->fd = pair[0];
	h->resident = false;
	return 0;
}

static enum outcome
failed(struct helper *h, enum outcome outcome, const char *reason)
{
	h->reason = reason;
	return outcome;
}

static enum outcome
send_request(struct helper *h, struct str *packet, const int *fds, size_t fd_count,
    struct deadline deadline)
{
	int left = deadline_left_ms(deadline);

	if (left == 0)
		return failed(h, OUTCOME_LATE, "helper too slow");
	frame_stamp(packet, h->next_id, left < 0 ? UINT32_MAX : (uint32_t)left);
	if (frame_send(h->fd, packet, fds, fd_count, deadline) == 0)
		return OUTCOME_ANSWERED;
	if (errno == ETIMEDOUT)
		return failed(h, OUTCOME_LATE, "helper too slow");
	return failed(h, OUTCOME_NOT_SENT,
	    errno == EMSGSIZE ? "request too long for a helper" : "helper gone");
}

/* Receive until the answer to our request comes. */
static enum outcome
receive_answer(
    struct helper *h, struct deadline deadline, struct str *packet, struct frame *answer)
{
	struct frame got;
	int i, result;

	for (i = 0; i < STALE_MAX; i++) {
		result = frame_receive(h->fd, packet, &got, deadline);
		if (result == 0)
			return failed(h, OUTCOME_LOST, "helper died");
		if (result < 0)
			return errno == ETIMEDOUT
			    ? failed(h, OUTCOME_LATE, "helper too slow")
			    : errno == EBADMSG
			    ? failed(h, OUTCOME_LOST, "helper broke the protocol")
			    : failed(h, OUTCOME_LOST, "helper gone");
		if (got.version == FRAME_VERSION && (int32_t)(got.id - h->next_id) < 0) {
			frame_close_fds(&got);
			continue;
		}
		break;
	}
	if (i < STALE_MAX &&
	    (got.version != FRAME_VERSION || got.status == FRAME_UNSUPPORTED)) {
		frame_close_fds(&got);
		return failed(h, OUTCOME_REFUSED, "helper does not know this request");
	}
	if (i == STALE_MAX || got.id != h->next_id) {
		if (i < STALE_MAX)
			frame_close_fds(&got);
		return failed(h, OUTCOME_LOST, "helper broke the protocol");
	}
	*answer = got;
	return OUTCOME_ANSWERED;
}

static struct deadline
with_grace(struct deadline deadline)
{
	if (deadline.at_ms >= 0 && deadline.at_ms < INT64_MAX - GRACE_MS)
		deadline.at_ms += GRACE_MS;
	return deadline;
}

/* Send and receive once.  The kind must come back as asked. */
static enum outcome
exchange(struct helper *h, struct str *packet, const int *fds, size_t fd_count,
    struct deadline deadline, struct str *answer_packet, struct frame *answer)
{
	enum outcome outcome;

	h->next_id++;
	outcome = send_request(h, packet, fds, fd_count, deadline);
	if (outcome == OUTCOME_ANSWERED)
		outcome = receive_answer(h, with_grace(deadline), answer_packet, answer);
	if (outcome == OUTCOME_ANSWERED && answer->kind != (uint8_t)packet->at[3]) {
		frame_close_fds(answer);
		outcome = failed(h, OUTCOME_LOST, "helper broke the protocol");
	}
	return outcome;
}

static bool
may_repeat(enum outcome outcome, size_t fd_count)
{
	return outcome == OUTCOME_NOT_SENT || outcome == OUTCOME_REFUSED ||
	    (outcome == OUTCOME_LOST && fd_count == 0);
}

int
helper_call(struct helper *h, const struct helper_name *name, struct str *packet,
    const int *fds, size_t fd_count, struct deadline deadline, struct str *answer_packet,
    struct frame *answer)
{
	bool resident_failed = false;

	for (;;) {
		enum outcome outcome;
		const char *reason;
		bool resident;

		if (h->fd < 0 && (resident_failed || reach_resident(h, name) < 0) &&
		    reach_on_demand(h, name) < 0)
			return -1;
		outcome =
		    exchange(h, packet, fds, fd_count, deadline, answer_packet, answer);
		if (outcome == OUTCOME_ANSWERED)
			return 0;
		resident = h->resident;
		reason = h->reason;
		helper_close(h);
		h->reason = reason;
		if (!resident || !may_repeat(outcome, fd_count))
			return -1;
		resident_failed = true;
	}
}

void
helper_close(struct helper *h)
{
	int status;

	fd_close(&h->fd);
	if (h->pid > 0 && spawn_wait(h->pid, deadline_in_ms(END_MS), &status) < 0 &&
	    errno == ETIMEDOUT) {
		spawn_kill(h->pid, SIGKILL);
		spawn_wait(h->pid, deadline_never(), &status);
	}
	helper_init(h);
}

pid_t
helper_leave(struct helper *h)
{
	pid_t pid = h->pid;

	fd_close(&h->fd);
	helper_init(h);
	return pid;
}
