#include "spawn/kepthandout.h"

#include <sys/socket.h>

#include "lib/fd.h"
#include "lib/spawn.h"

/* Refused by so many, a delivery has a connection of its own: two that come by turns are new to each
 * session again and again. */
enum { REFUSALS_MAX = 3 };

static struct kept_worker *
free_place(struct keptpool *pool)
{
	size_t i;

	for (i = 0; i < pool->count; i++)
		if (pool->workers[i].state == KEPT_NONE)
			return &pool->workers[i];
	return i < KEPTPOOL_WORKERS ? &pool->workers[pool->count++] : NULL;
}

/* NULL if there cannot be another. */
static struct kept_worker *
start_worker(struct keptpool *pool)
{
	char name[] = "qmail-remote", option[] = "-k", *argv[] = { name, option, NULL };
	struct spawn spawn = { .path = pool->path, .argv = argv };
	struct kept_worker *w = free_place(pool);
	int pair[2];
	pid_t pid;

	if (!w || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return NULL;
	spawn_give(&spawn, 0, pair[1]);
	spawn_give(&spawn, 1, -1);
	spawn_give(&spawn, 2, -1);
	pid = spawn_start(&spawn);
	if (pid < 0) { /* it is reaped by the loop */
		fd_close(&pair[0]);
		fd_close(&pair[1]);
		return NULL;
	}
	fd_close(&pair[1]);
	*w = (struct kept_worker) { .state = KEPT_ASKED, .fd = pair[0], .pid = pid };
	return w;
}

/* The deliveries that go together with `first`, itself in front: waiting recipients of the same
 * message at the same host. */
static size_t
gather(struct keptpool *pool, struct kept_job *first, struct kept_job **group)
{
	size_t count = 1, octets = first->command.recipient.len, i;

	group[0] = first;
	for (i = 0; i < SPAWNCOMMAND_SLOTS_WIDE && count < pool->settings.recipients &&
	     !first->alone;
	     i++) {
		struct kept_job *job = &pool->jobs[i];

		octets += job->command.recipient.len;
		if (job == first || !job->waiting || job->alone ||
		    octets > KEPT_ADDRESSES_MAX || !keptcore_same_message(first, job))
			continue;
		group[count++] = job;
	}
	return count;
}

/* Send a worker the deliveries, or as many of them as its server takes together.  How many; 0 if it is
 * gone. */
static size_t
ask(struct keptpool *pool, struct kept_worker *w, struct kept_job **group, size_t count)
{
	struct kept_delivery delivery = {
		.offer = w->state == KEPT_PARKED,
		.salt = { pool->salt, sizeof pool->salt },
		.host = keptcore_host(group[0]),
		.sender = str_view(&group[0]->command.sender),
	};
	size_t i;

	if (w->rcpt_max > 0 && count > w->rcpt_max)
		count = w->rcpt_max;
	delivery.recipient_count = count;
	for (i = 0; i < count; i++)
		delivery.recipients[i] = str_view(&group[i]->command.recipient);
	kept_pack_delivery(&pool->packet, &delivery);
	if (frame_send(w->fd, &pool->packet, &group[0]->message, 1, deadline_in_ms(0)) <
	    0)
		return 0;
	for (i = 0; i < count; i++) {
		w->jobs[i] = group[i]->command.delnum;
		w->reported[i] = false;
		keptcore_set_waiting(pool, group[i], false);
	}
	w->job_count = count;
	w->arrived_ms = group[0]->arrived_ms;
	w->since_ms = pool->now_ms;
	w->dot = w->returned = false;
	w->state = delivery.offer ? KEPT_OFFERED : KEPT_ASKED;
	return count;
}

static struct kept_wish
wish_of(const struct kept_job *job, struct view route)
{
	return (struct kept_wish) {
		.host = keptcore_host(job),
		.sender = str_view(&job->command.sender),
		.route = route,
		.serial = job->serial,
	};
}

size_t
kepthandout_offer(
    struct keptpool *pool, struct kept_job **group, size_t count, struct view route)
{
	struct kept_wish wish = wish_of(group[0], route);
	size_t i, taken;

	if (group[0]->refusals >= REFUSALS_MAX)
		return 0;
	while ((i = kept_choose(pool->workers, pool->count, &wish)) < pool->count) {
		taken = ask(pool, &pool->workers[i], group, count);
		if (taken > 0)
			return taken;
		keptcore_let_go(&pool->workers[i]);
	}
	return 0;
}

/* One delivery for each worker that is about to say that it is free. */
static bool
expect(struct keptpool *pool, const struct kept_job *job)
{
	struct kept_wish wish = wish_of(job, VIEW(""));
	size_t i = kept_settling(pool->workers, pool->count, &wish);

	if (i == pool->count || job->refusals >= REFUSALS_MAX)
		return false;
	pool->workers[i].expected = job->serial;
	return true;
}

static void
hand_out(struct keptpool *pool, struct kept_job *first)
{
	struct kept_job *group[KEPT_RECIPIENTS_MAX];
	size_t count = gather(pool, first, group), i;
	struct kept_worker *w;

	if (kepthandout_offer(pool, group, count, VIEW("")) || expect(pool, first))
		return;
	w = start_worker(pool);
	if (w && ask(pool, w, group, count))
		return;
	if (w)
		keptcore_let_go(w);
	for (i = 0; i < count; i++)
		keptcore_deliver_by_child(pool, group[i]);
}

void
kepthandout_waiting(struct keptpool *pool)
{
	size_t i;

	for (i = 0; pool->waiting > 0 && i < SPAWNCOMMAND_SLOTS_WIDE; i++)
		if (pool->jobs[i].waiting)
			hand_out(pool, &pool->jobs[i]);
}
