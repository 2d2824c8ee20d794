#include "ares/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>

#include "ares/batch.h"
#include "ares/servers.h"
#include "lib/deadline.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "wire/frame.h"
#include "wire/kinds.h"
#include "wire/serve.h"

enum {
	CLIENTS_MAX = 400,
	PAUSE_MS = 1000, /* after an accept that the system refused */
	OWN_FDS = 2,     /* signals and listener */
};

static const char service[] = "dns";

/* One connection.  While it has a batch nothing is read from it. */
struct client {
	int fd;
	struct batch *batch;
	size_t at, count; /* where its batch is in the list of descriptors */
};

struct loop {
	const struct log *log;
	int listener, signals; /* -1: none */
	bool paused, stopping;
	struct client *clients;
	size_t client_count, clients_max;
	struct servers_files files;
	struct pollfd *wait;
	struct str packet, answer;
};

static void
init(struct loop *l, size_t clients_max, const struct log *log)
{
	*l = (struct loop) {
		.log = log, .listener = -1, .signals = -1, .clients_max = clients_max
	};
	l->clients = mem_alloc_zeroed(clients_max, sizeof *l->clients);
	l->wait = mem_alloc_zeroed(
	    OWN_FDS + clients_max * (1 + BATCH_POLL_MAX), sizeof *l->wait);
}

static void
add_client(struct loop *l, int fd)
{
	l->clients[l->client_count++] = (struct client) { .fd = fd };
}

static void
drop_client(struct client *c)
{
	batch_free(c->batch);
	c->batch = NULL;
	fd_close(&c->fd);
}

static void
end(struct loop *l)
{
	size_t i;

	for (i = 0; i < l->client_count; i++)
		drop_client(&l->clients[i]);
	fd_close(&l->listener);
	fd_close(&l->signals);
	mem_free(l->clients);
	mem_free(l->wait);
	str_free(&l->packet);
	str_free(&l->answer);
}

/* A client that does not read its answers is not waited for. */
static void
send_answer(struct loop *l, struct client *c)
{
	if (frame_send(c->fd, &l->answer, NULL, 0, deadline_in_ms(0)) < 0)
		drop_client(c);
}

static void
finish_batch(struct loop *l, struct client *c)
{
	batch_answer(c->batch, &l->answer);
	batch_free(c->batch);
	c->batch = NULL;
	send_answer(l, c);
}

static void
begin(struct loop *l, struct client *c, const struct frame *request)
{
	if (serve_common(request, &l->answer)) {
		send_answer(l, c);
	} else if (request->kind != WIRE_DNS_ASK) {
		serve_unsupported(request, &l->answer);
		send_answer(l, c);
	} else {
		c->batch = batch_start(servers_now(&l->files, l->log), request);
		if (c->batch)
			return;
		frame_start(&l->answer, request->kind, FRAME_MALFORMED, request->id, 0);
		send_answer(l, c);
	}
}

static void
take_request(struct loop *l, struct client *c)
{
	struct frame request;
	int result = frame_receive(c->fd, &l->packet, &request, deadline_in_ms(0));

	if (result == 1) {
		frame_close_fds(&request);
		begin(l, c, &request);
	} else if (result == 0 || errno != ETIMEDOUT) {
		drop_client(c);
	}
}

static void
take_clients(struct loop *l)
{
	int fd;

	while (l->client_count < l->clients_max) {
		fd = serve_accept(l->listener);
		if (fd >= 0) {
			add_client(l, fd);
			continue;
		}
		l->paused =
		    errno != EAGAIN && errno != EWOULDBLOCK && errno != ECONNABORTED;
		if (l->paused)
			serve_tell(l->log, service, "cannot accept", errno);
		return;
	}
}

static void
take_signals(struct loop *l)
{
	int sig;

	while ((sig = serve_next_signal(l->signals)) != 0)
		if (sig != SIGCHLD)
			l->stopping = true;
}

/* List what to wait for, and until when.  A client whose batch runs is only watched for its end:
 * poll() tells that without being asked. */
static size_t
list_descriptors(struct loop *l, struct deadline *until)
{
	bool full = l->client_count == l->clients_max;
	size_t i, n = 0;

	*until = l->paused ? deadline_in_ms(PAUSE_MS) : deadline_never();
	l->wait[n++] = (struct pollfd) { l->signals, POLLIN, 0 };
	l->wait[n++] =
	    (struct pollfd) { l->paused || full ? -1 : l->listener, POLLIN, 0 };
	for (i = 0; i < l->client_count; i++) {
		struct client *c = &l->clients[i];

		c->at = n;
		l->wait[n++] = (struct pollfd) { c->fd, c->batch ? 0 : POLLIN, 0 };
		c->count = c->batch ? batch_wait(c->batch, l->wait + n) : 0;
		n += c->count;
		if (c->batch)
			*until = deadline_sooner(*until,
			    batch_is_done(c->batch) ? deadline_in_ms(0)
						    : batch_next(c->batch));
	}
	return n;
}

static void
see_to(struct loop *l, struct client *c)
{
	short came = l->wait[c->at].revents;

	if (!c->batch) {
		if (came)
			take_request(l, c);
	} else if (came) {
		drop_client(c);
	} else {
		batch_process(c->batch, l->wait + c->at + 1, c->count);
	}
	if (c->batch && batch_is_done(c->batch))
		finish_batch(l, c);
}

static void
forget_dropped(struct loop *l)
{
	size_t i, kept = 0;

	for (i = 0; i < l->client_count; i++)
		if (l->clients[i].fd >= 0)
			l->clients[kept++] = l->clients[i];
	l->client_count = kept;
}

/* One turn.  False if poll() failed. */
static bool
turn(struct loop *l)
{
	struct deadline until;
	size_t count = list_descriptors(l, &until), i;

	if (poll(l->wait, count, deadline_left_ms(until)) < 0)
		return errno == EINTR;
	l->paused = false;
	if (l->wait[0].revents)
		take_signals(l);
	for (i = 0; i < l->client_count; i++)
		see_to(l, &l->clients[i]);
	forget_dropped(l);
	if (l->wait[1].revents)
		take_clients(l);
	return true;
}

void
loop_one(int fd, const struct log *log)
{
	struct loop l;

	init(&l, 1, log);
	add_client(&l, fd);
	while (l.client_count > 0 && turn(&l))
		continue;
	end(&l);
}

int
loop_many(const struct log *log)
{
	struct loop l;
	sigset_t before;
	int result = -1;

	init(&l, CLIENTS_MAX, log);
	l.listener = serve_listen(service);
	l.signals = l.listener < 0 ? -1 : serve_signals(&before);
	if (l.signals >= 0) {
		result = 0;
		serve_tell(log, service, "started", 0);
		while (!l.stopping && turn(&l))
			continue;
		serve_tell(log, service, "stopped", 0);
	}
	end(&l);
	return result;
}
