#include "state/loop.h"

#include <time.h>

#include "config/leastprivilege.h"
#include "state/batch.h"
#include "state/stateplan.h"
#include "wire/serveloop.h"

struct client {
	struct serve_client base;
	bool may_ask;
};

/* The requests of one wake-up are done together. */
struct loop {
	const struct helperusers *users;
	struct store *store;
	struct serve_job *jobs[SERVE_LOOP_CLIENTS];
	struct serve_client *askers[SERVE_LOOP_CLIENTS]; /* whose they are */
	size_t count;
};

static void
begin(void *context, struct serve_client *client, bool resident)
{
	const struct loop *l = context;
	struct client *c = (struct client *)client;

	c->may_ask = serve_may_ask(client->fd, resident, l->users->uids, l->users->count);
}

static void
ask(void *context, struct serve_client *client)
{
	struct loop *l = context;

	if (!((struct client *)client)->may_ask) {
		batch_refuse(&client->job, FRAME_NO, "not allowed");
		serve_answer(client);
		return;
	}
	l->askers[l->count] = client;
	l->jobs[l->count++] = &client->job;
}

static uint64_t
clock_now(void)
{
	time_t now = time(NULL);

	return now > 0 ? (uint64_t)now : 0;
}

static void
run_jobs(void *context)
{
	struct loop *l = context;
	size_t i;

	if (l->count == 0)
		return;
	batch_run(l->store, l->jobs, l->count, clock_now());
	for (i = 0; i < l->count; i++)
		serve_answer(l->askers[i]);
	l->count = 0;
}

static int
settle(void)
{
	struct restrict_plan plan = stateplan();

	return leastprivilege_enter(&plan);
}

static const struct serve_helper helper = { .service = "state",
	.kind = WIRE_STATE_DO,
	.client_size = sizeof(struct client),
	.settle = settle,
	.ask = ask,
	.begin = begin,
	.asked = run_jobs };

void
loop_one(
    int fd, struct store *store, const struct helperusers *users, const struct log *log)
{
	struct loop l = { .users = users, .store = store };

	serve_loop_one(&helper, &l, fd, log);
}

int
loop_many(struct store *store, const struct helperusers *users, const struct log *log)
{
	struct loop l = { .users = users, .store = store };

	return serve_loop_many(&helper, &l, log);
}
