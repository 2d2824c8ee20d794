#include "spawn/keptleave.h"

#include <time.h>

#include "lib/fmt.h"
#include "os/os.h"
#include "spawn/kepthandout.h"
#include "wire/kinds.h"
#include "wire/waittext.h"

enum {
	WAIT = 10,       /* seconds at least: connections end when they end */
	LINE_MS = 60000, /* for so long those who were put off are one line */
	SHARE = 4,       /* one in so many deliveries may wait here, at most (row 16) */
};

static uint64_t
usual_limit(struct keptpool *pool, const struct kept_worker *w)
{
	return keptcap_limit(&pool->cap, str_view(&w->destination),
	    pool->settings.connections, pool->now_ms);
}

/* Is the route's own limit the lower one? */
static bool
is_limited_by_route(struct keptpool *pool, const struct kept_worker *w)
{
	uint64_t usual = usual_limit(pool, w);

	return w->connections > 0 && (usual == 0 || w->connections < usual);
}

/* If need be, in the place of a connection to the same destination that does not fit. */
static bool
may_connect(struct keptpool *pool, const struct kept_worker *w)
{
	struct view destination = str_view(&w->destination);
	uint64_t limit =
	    is_limited_by_route(pool, w) ? w->connections : usual_limit(pool, w);
	size_t parked;

	if (limit == 0 ||
	    kept_connections(pool->workers, pool->count, destination) < limit)
		return true;
	parked = kept_oldest_parked(pool->workers, pool->count, destination);
	if (parked == pool->count)
		return false;
	keptcore_let_go(&pool->workers[parked]);
	return true;
}

static void
connect_worker(struct keptpool *pool, struct kept_worker *w)
{
	frame_start(&pool->packet, WIRE_KEPT_GO, FRAME_OK, 0, 0);
	if (frame_send(w->fd, &pool->packet, NULL, 0, deadline_in_ms(0)) < 0)
		keptcore_lose(pool, w);
	else
		keptcore_begin(pool, w);
}

/* A connection was parked meanwhile that the planned delivery may go over. */
static bool
change_worker(struct keptpool *pool, struct kept_worker *w)
{
	struct view route = { (const char *)w->route, sizeof w->route };
	struct kept_job *group[KEPT_RECIPIENTS_MAX];
	size_t i, taken, count = w->job_count;

	for (i = 0; i < count; i++)
		group[i] = &pool->jobs[w->jobs[i]];
	taken = kepthandout_offer(pool, group, count, route);
	if (taken == 0)
		return false;
	for (i = taken; i < count; i++)
		keptcore_set_waiting(pool, group[i], true);
	keptcore_let_go(w);
	return true;
}

/* Others that wait to connect for the same message go along: they begin anew, together. */
static bool
join_others(struct keptpool *pool, struct kept_worker *w)
{
	const struct kept_job *first = &pool->jobs[w->jobs[0]];
	size_t i, count = w->job_count;

	for (i = 0; i < pool->count && !first->alone; i++) {
		struct kept_worker *other = &pool->workers[i];
		const struct kept_job *job = &pool->jobs[other->jobs[0]];

		if (other == w || other->state != KEPT_HELD || job->alone ||
		    count + other->job_count > pool->settings.recipients ||
		    !keptcore_same_message(first, job))
			continue;
		count += other->job_count;
		keptcore_take_back(pool, other);
		keptcore_let_go(other);
	}
	if (count == w->job_count)
		return false;
	keptcore_take_back(pool, w);
	keptcore_let_go(w);
	return true;
}

/* Not all are to come back at once: as a guess, each connection takes one a second. */
static int64_t
choose_time(struct keptpool *pool, uint64_t limit)
{
	uint32_t random;

	os_random(&random, sizeof random);
	if (pool->now_ms - pool->line_ms >= LINE_MS) {
		pool->line_ms = pool->now_ms;
		pool->put_off = 0;
	}
	pool->put_off++;
	return (int64_t)time(NULL) + WAIT +
	    (int64_t)(random % (WAIT + pool->put_off / limit));
}

/* As qmail-remote says it of a route that is closed. */
static void
append_wait(
    struct keptpool *pool, const struct kept_worker *w, uint64_t limit, struct str *text)
{
	struct str why = { 0 };

	str_append_text(&why, "concurrency ");
	fmt_u64(&why, limit);
	str_append_text(&why, " reached");
	waittext_append(
	    text, str_view(&w->destination), choose_time(pool, limit), str_view(&why));
	str_free(&why);
}

static void
append_too_many(struct keptpool *pool, const struct kept_worker *w, struct str *text)
{
	bool learnt = usual_limit(pool, w) != pool->settings.connections;

	str_append_text(text, "Too many connections to ");
	str_append(text, str_view(&w->destination));
	str_append_text(text, " at a time; ");
	str_append_text(text,
	    learnt ? "it has refused more" : "control/concurrencyperhost has the limit");
	str_append_text(text, ". (#4.4.5)\n");
}

void
keptleave_give_up(struct keptpool *pool, struct kept_worker *w)
{
	uint64_t limit = usual_limit(pool, w);
	struct str text = { 0 };

	str_append_byte(&text, 'Z');
	if (is_limited_by_route(pool, w)) {
		append_wait(pool, w, w->connections, &text);
	} else {
		append_too_many(pool, w, &text);
		append_wait(pool, w, limit > 0 ? limit : 1, &text);
	}
	keptcore_report_all(pool, w, str_view(&text));
	str_free(&text);
	keptcore_let_go(w);
}

/* One that waits for leave to connect.  True if it waits no more. */
bool
keptleave_release(struct keptpool *pool, struct kept_worker *w)
{
	if (change_worker(pool, w))
		return true;
	if (may_connect(pool, w)) {
		if (!join_others(pool, w))
			connect_worker(pool, w);
		return true;
	}
	if (!kept_waited_enough(w, pool->now_ms))
		return false;
	keptleave_give_up(pool, w);
	return true;
}

bool
keptleave_is_crowded(const struct keptpool *pool)
{
	uint64_t slots = spawnloop_slots(pool->loop), most;
	size_t i, held = 0;

	if (pool->settings.deliveries < slots)
		slots = pool->settings.deliveries;
	most = slots < SHARE ? 1 : slots / SHARE;
	for (i = 0; i < pool->count; i++)
		held += pool->workers[i].state == KEPT_HELD;
	return held > most;
}

/* The one that waits longest after `after_ms`; NULL if there is none. */
static struct kept_worker *
next_held(struct keptpool *pool, uint64_t after)
{
	struct kept_worker *next = NULL;
	size_t i;

	for (i = 0; i < pool->count; i++) {
		struct kept_worker *w = &pool->workers[i];

		if (w->state == KEPT_HELD && pool->jobs[w->jobs[0]].serial > after &&
		    (!next ||
			pool->jobs[w->jobs[0]].serial < pool->jobs[next->jobs[0]].serial))
			next = w;
	}
	return next;
}

void
keptleave_release_held(struct keptpool *pool)
{
	struct kept_worker *w;
	uint64_t serial = 0;

	while ((w = next_held(pool, serial)) != NULL) {
		serial = pool->jobs[w->jobs[0]].serial;
		keptleave_release(pool, w);
	}
}
