#include "wire/serveloop.h"

#include <errno.h>
#include <signal.h>

#include "lib/fd.h"
#include "lib/mem.h"

enum {
	PAUSE_MS = 1000, /* after an accept that the system refused */
	OWN_FDS = 2,     /* signals and listener */
	AWAY_MAX = 64,   /* clients that are turned away before others are seen to */
};

struct loop {
	const struct serve_helper *helper;
	void *context;
	const struct log *log;
	int listener, signals; /* -1: none */
	bool paused, stopping;
	struct serve_client **clients;
	size_t count, max;
	struct pollfd *wait;
};

static void
init(struct loop *l, const struct serve_helper *helper, void *context, size_t max,
    const struct log *log)
{
	*l = (struct loop) { .helper = helper,
		.context = context,
		.log = log,
		.listener = -1,
		.signals = -1,
		.max = max };
	l->clients = mem_alloc_zeroed(max, sizeof(struct serve_client *));
	l->wait =
	    mem_alloc_zeroed(OWN_FDS + max * (1 + helper->waits_max), sizeof *l->wait);
}

/* --- clients -------------------------------------------------------------------------------------- */

static void
add_client(struct loop *l, int fd, bool resident)
{
	struct serve_client *c = mem_alloc_zeroed(1, l->helper->client_size);

	c->fd = fd;
	if (l->helper->begin)
		l->helper->begin(l->context, c, resident);
	l->clients[l->count++] = c;
}

static void
free_client(struct loop *l, struct serve_client *c)
{
	if (l->helper->end)
		l->helper->end(c);
	fd_close(&c->fd);
	str_free(&c->packet);
	str_free(&c->job.answer);
	mem_free(c);
}

static void
end(struct loop *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		free_client(l, l->clients[i]);
	fd_close(&l->listener);
	fd_close(&l->signals);
	mem_free(l->clients);
	mem_free(l->wait);
}

static void
forget_gone(struct loop *l)
{
	size_t i, kept = 0;

	for (i = 0; i < l->count; i++)
		if (l->clients[i]->fd >= 0)
			l->clients[kept++] = l->clients[i];
		else
			free_client(l, l->clients[i]);
	l->count = kept;
}

void
serve_answer(struct serve_client *client)
{
	client->busy = false;
	if (frame_send(client->fd, &client->job.answer, NULL, 0, deadline_in_ms(0)) < 0)
		fd_close(&client->fd);
	str_free(&client->packet); /* 64 KiB of each would be too much */
	str_free(&client->job.answer);
}

static bool
is_known(const struct serve_helper *helper, unsigned char kind)
{
	return kind == helper->kind || (kind > helper->kind && kind <= helper->last_kind);
}

static void
take_request(struct loop *l, struct serve_client *c)
{
	int result = frame_receive(c->fd, &c->packet, &c->job.request, deadline_in_ms(0));

	if (result != 1) {
		if (result == 0 || errno != ETIMEDOUT)
			fd_close(&c->fd);
		return;
	}
	if (!l->helper->takes_descriptors)
		frame_close_fds(&c->job.request);
	if (serve_common(&c->job.request, &c->job.answer)) {
		serve_answer(c);
	} else if (!is_known(l->helper, c->job.request.kind)) {
		serve_unsupported(&c->job.request, &c->job.answer);
		serve_answer(c);
	} else {
		l->helper->ask(l->context, c);
	}
	frame_close_fds(&c->job.request);
}

static void
see_to(struct loop *l, struct serve_client *c)
{
	bool came = l->wait[c->at].revents != 0;

	if (came && c->busy)
		fd_close(&c->fd);
	else if (came)
		take_request(l, c);
	else if (c->busy)
		l->helper->work(c, l->wait + c->at + 1);
}

/* --- the loop -------------------------------------------------------------------------------------- */

static void
take_clients(struct loop *l)
{
	unsigned away = 0;
	int fd;

	while (l->count < l->max || (l->helper->turns_away && away < AWAY_MAX)) {
		fd = serve_accept(l->listener);
		if (fd >= 0 && l->count < l->max) {
			add_client(l, fd, true);
			continue;
		}
		if (fd >= 0) {
			fd_close(&fd);
			away++;
			continue;
		}
		l->paused =
		    errno != EAGAIN && errno != EWOULDBLOCK && errno != ECONNABORTED;
		if (l->paused)
			serve_tell(l->log, l->helper->service, "cannot accept", errno);
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

/* List what to wait for, and until when.  A client that is busy is only watched for its end: poll()
 * tells that without being asked. */
static size_t
list_descriptors(struct loop *l, struct deadline *until)
{
	bool full = l->count == l->max && !l->helper->turns_away;
	size_t i, n = 0;

	*until = l->paused ? deadline_in_ms(PAUSE_MS) : deadline_never();
	if (l->helper->bound)
		l->helper->bound(l->context, until);
	l->wait[n++] = (struct pollfd) { l->signals, POLLIN, 0 };
	l->wait[n++] =
	    (struct pollfd) { l->paused || full ? -1 : l->listener, POLLIN, 0 };
	for (i = 0; i < l->count; i++) {
		struct serve_client *c = l->clients[i];

		c->at = n;
		l->wait[n++] = (struct pollfd) { c->fd, c->busy ? 0 : POLLIN, 0 };
		if (c->busy)
			n += l->helper->wait(c, l->wait + n, until);
	}
	return n;
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
	for (i = 0; i < l->count; i++)
		see_to(l, l->clients[i]);
	if (l->helper->asked)
		l->helper->asked(l->context);
	forget_gone(l);
	if (l->wait[1].revents)
		take_clients(l);
	return true;
}

static bool
settle(const struct loop *l)
{
	return !l->helper->settle || l->helper->settle() == 0;
}

void
serve_loop_one(
    const struct serve_helper *helper, void *context, int fd, const struct log *log)
{
	struct loop l;
	sigset_t before;

	init(&l, helper, context, 1, log);
	if (helper->has_children)
		l.signals = serve_signals(&before);
	add_client(&l, fd, false);
	if (settle(&l))
		while (l.count > 0 && turn(&l))
			continue;
	end(&l);
}

int
serve_loop_many(const struct serve_helper *helper, void *context, const struct log *log)
{
	struct loop l;
	sigset_t before;
	int result = -1;

	init(&l, helper, context,
	    helper->most_clients ? helper->most_clients : SERVE_LOOP_CLIENTS, log);
	l.listener = serve_listen(helper->service);
	l.signals = l.listener < 0 ? -1 : serve_signals(&before);
	if (l.signals >= 0 && settle(&l)) {
		result = 0;
		serve_tell(log, helper->service, "started", 0);
		while (!l.stopping && turn(&l))
			continue;
		serve_tell(log, helper->service, "stopped", 0);
	}
	end(&l);
	return result;
}
