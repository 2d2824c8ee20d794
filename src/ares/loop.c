#include "ares/loop.h"

#include "ares/batch.h"
#include "ares/dnsplan.h"
#include "ares/servers.h"
#include "config/leastprivilege.h"
#include "wire/serveloop.h"

struct client {
	struct serve_client base; /* busy while it has a batch */
	struct batch *batch;
	size_t waits; /* descriptors of the batch */
};

struct loop {
	const struct log *log;
	struct servers_files files;
};

static void
finish_if_done(struct client *c)
{
	if (!batch_is_done(c->batch))
		return;
	batch_answer(c->batch, &c->base.job.answer);
	batch_free(c->batch);
	c->batch = NULL;
	serve_answer(&c->base);
}

static void
ask(void *context, struct serve_client *client)
{
	struct loop *l = context;
	struct client *c = (struct client *)client;

	c->batch = batch_start(servers_now(&l->files, l->log), &client->job.request);
	if (c->batch) {
		client->busy = true;
		finish_if_done(c);
	} else {
		frame_start(&client->job.answer, client->job.request.kind,
		    FRAME_MALFORMED, client->job.request.id, 0);
		serve_answer(client);
	}
}

static size_t
list_waits(struct serve_client *client, struct pollfd *wait, struct deadline *until)
{
	struct client *c = (struct client *)client;

	c->waits = batch_wait(c->batch, wait);
	*until = deadline_sooner(*until, batch_next(c->batch));
	return c->waits;
}

static void
work(struct serve_client *client, const struct pollfd *came)
{
	struct client *c = (struct client *)client;

	batch_process(c->batch, came, c->waits);
	finish_if_done(c);
}

static void
end(struct serve_client *client)
{
	batch_free(((struct client *)client)->batch);
}

static int
settle(void)
{
	struct restrict_plan plan = dnsplan();

	return leastprivilege_enter(&plan);
}

static const struct serve_helper helper = { .service = "dns",
	.kind = WIRE_DNS_ASK,
	.client_size = sizeof(struct client),
	.waits_max = BATCH_POLL_MAX,
	.settle = settle,
	.ask = ask,
	.end = end,
	.wait = list_waits,
	.work = work };

void
loop_one(int fd, const struct log *log)
{
	struct loop l = { .log = log };

	serve_loop_one(&helper, &l, fd, log);
}

int
loop_many(const struct log *log)
{
	struct loop l = { .log = log };

	return serve_loop_many(&helper, &l, log);
}
