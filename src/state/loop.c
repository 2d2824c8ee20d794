#include "state/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

#include "lib/deadline.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "state/batch.h"
#include "wire/frame.h"
#include "wire/kinds.h"
#include "wire/serve.h"

enum {
	CLIENTS_MAX = 400,
	PAUSE_MS = 1000, /* after an accept that the system refused */
	OWN_FDS = 2,     /* signals and listener */
};

static const char service[] = "state";

struct client {
	int fd;
	bool may_ask;
	struct str packet; /* the request's */
	struct batch_job job;
};

struct loop {
	const struct log *log;
	const struct helperusers *users;
	struct store *store;
	int listener, signals; /* -1: none */
	bool paused, stopping;
	struct client **clients;
	size_t client_count, clients_max;
	struct pollfd *wait;
	struct batch_job **jobs;
	struct client **askers; /* whose the jobs are */
	size_t job_count;
};

static void
init(struct loop *l, size_t clients_max, struct store *store,
    const struct helperusers *users, const struct log *log)
{
	*l = (struct loop) { .log = log,
		.users = users,
		.store = store,
		.listener = -1,
		.signals = -1,
		.clients_max = clients_max };
	l->clients = mem_alloc_zeroed(clients_max, sizeof *l->clients);
	l->jobs = mem_alloc_zeroed(clients_max, sizeof *l->jobs);
	l->askers = mem_alloc_zeroed(clients_max, sizeof *l->askers);
	l->wait = mem_alloc_zeroed(OWN_FDS + clients_max, sizeof *l->wait);
}

static void
add_client(struct loop *l, int fd, bool resident)
{
	struct client *c = mem_alloc_zeroed(1, sizeof *c);

	c->fd = fd;
	c->may_ask = serve_may_ask(fd, resident, l->users->uids, l->users->count);
	l->clients[l->client_count++] = c;
}

static void
free_client(struct client *c)
{
	fd_close(&c->fd);
	str_free(&c->packet);
	str_free(&c->job.answer);
	mem_free(c);
}

static void
end(struct loop *l)
{
	size_t i;

	for (i = 0; i < l->client_count; i++)
		free_client(l->clients[i]);
	fd_close(&l->listener);
	fd_close(&l->signals);
	mem_free(l->clients);
	mem_free(l->jobs);
	mem_free(l->askers);
	mem_free(l->wait);
}

/* A client that does not read its answers is not waited for. */
static void
send_answer(struct client *c)
{
	if (frame_send(c->fd, &c->job.answer, NULL, 0, deadline_in_ms(0)) < 0)
		fd_close(&c->fd);
}

static void
begin(struct loop *l, struct client *c)
{
	if (serve_common(&c->job.request, &c->job.answer)) {
		send_answer(c);
	} else if (c->job.request.kind != WIRE_STATE_DO) {
		serve_unsupported(&c->job.request, &c->job.answer);
		send_answer(c);
	} else if (!c->may_ask) {
		batch_refuse(&c->job, FRAME_NO, "not allowed");
		send_answer(c);
	} else {
		l->askers[l->job_count] = c;
		l->jobs[l->job_count++] = &c->job;
	}
}

static void
take_request(struct loop *l, struct client *c)
{
	int result = frame_receive(c->fd, &c->packet, &c->job.request, deadline_in_ms(0));

	if (result == 1) {
		frame_close_fds(&c->job.request);
		begin(l, c);
	} else if (result == 0 || errno != ETIMEDOUT) {
		fd_close(&c->fd);
	}
}

static uint64_t
clock_now(void)
{
	time_t now = time(NULL);

	return now > 0 ? (uint64_t)now : 0;
}

static void
run_jobs(struct loop *l)
{
	size_t i;

	if (l->job_count == 0)
		return;
	batch_run(l->store, l->jobs, l->job_count, clock_now());
	for (i = 0; i < l->job_count; i++)
		send_answer(l->askers[i]);
	l->job_count = 0;
}

static void
take_clients(struct loop *l)
{
	int fd;

	while (l->client_count < l->clients_max) {
		fd = serve_accept(l->listener);
		if (fd >= 0) {
			add_client(l, fd, true);
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

static size_t
list_descriptors(struct loop *l)
{
	bool full = l->client_count == l->clients_max;
	size_t i, n = 0;

	l->wait[n++] = (struct pollfd) { l->signals, POLLIN, 0 };
	l->wait[n++] =
	    (struct pollfd) { l->paused || full ? -1 : l->listener, POLLIN, 0 };
	for (i = 0; i < l->client_count; i++)
		l->wait[n++] = (struct pollfd) { l->clients[i]->fd, POLLIN, 0 };
	return n;
}

static void
forget_gone(struct loop *l)
{
	size_t i, kept = 0;

	for (i = 0; i < l->client_count; i++)
		if (l->clients[i]->fd >= 0)
			l->clients[kept++] = l->clients[i];
		else
			free_client(l->clients[i]);
	l->client_count = kept;
}

/* One turn.  False if poll() failed. */
static bool
turn(struct loop *l)
{
	size_t count = list_descriptors(l), i;

	if (poll(l->wait, count, l->paused ? PAUSE_MS : -1) < 0)
		return errno == EINTR;
	l->paused = false;
	if (l->wait[0].revents)
		take_signals(l);
	for (i = OWN_FDS; i < count; i++)
		if (l->wait[i].revents)
			take_request(l, l->clients[i - OWN_FDS]);
	run_jobs(l);
	forget_gone(l);
	if (l->wait[1].revents)
		take_clients(l);
	return true;
}

void
loop_one(
    int fd, struct store *store, const struct helperusers *users, const struct log *log)
{
	struct loop l;

	init(&l, 1, store, users, log);
	add_client(&l, fd, false);
	while (l.client_count > 0 && turn(&l))
		continue;
	end(&l);
}

int
loop_many(struct store *store, const struct helperusers *users, const struct log *log)
{
	struct loop l;
	sigset_t before;
	int result = -1;

	init(&l, CLIENTS_MAX, store, users, log);
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
