#include "spawn/kepthear.h"

#include <errno.h>
#include <string.h>

#include "spawn/keptleave.h"
#include "spawn/report.h"
#include "wire/kinds.h"

/* The session is another one's.  One of the same route may fit all the same, as TLS is not a part of
 * that. */
static void
take_refused_offer(struct keptpool *pool, struct kept_worker *w)
{
	size_t i;

	for (i = 0; i < w->job_count; i++)
		pool->jobs[w->jobs[i]].refusals++;
	w->refused = pool->jobs[w->jobs[0]].serial;
	keptcore_take_back(pool, w);
	w->state = KEPT_PARKED;
}

/* A new one refuses recipients that go by different routes.  Of one it makes no sense; nobody loops on it. */
static bool
take_refusal(struct keptpool *pool, struct kept_worker *w)
{
	size_t i;

	if (w->job_count == 1)
		return false;
	for (i = 0; i < w->job_count; i++)
		pool->jobs[w->jobs[i]].alone = true;
	keptcore_take_back(pool, w);
	keptcore_let_go(w);
	return true;
}

static bool
take_plan(struct keptpool *pool, struct kept_worker *w, const struct frame *frame)
{
	struct kept_plan plan;

	if (w->state != KEPT_ASKED && w->state != KEPT_OFFERED)
		return false;
	if (frame->status == FRAME_NO) {
		if (w->state == KEPT_ASKED)
			return take_refusal(pool, w);
		take_refused_offer(pool, w);
		return true;
	}
	if (!kept_plan(frame, &plan) || plan.connected != (w->state == KEPT_OFFERED))
		return false;
	str_set(&w->destination, plan.destination);
	memcpy(w->route, plan.route.at, sizeof w->route);
	w->relayed = plan.relayed;
	w->connections = plan.connections;
	kepttraffic_note(&pool->traffic, plan.destination, w->arrived_ms, pool->now_ms);
	if (plan.connected) {
		keptcore_begin(pool, w);
		return true;
	}
	w->state = KEPT_HELD;
	w->since_ms = pool->now_ms;
	if (!keptleave_release(pool, w) && keptleave_is_crowded(pool))
		keptleave_give_up(pool, w);
	return true;
}

static bool
take_report(struct keptpool *pool, struct kept_worker *w, const struct frame *frame)
{
	struct str text = { 0 };
	struct view output;
	bool returned;
	uint32_t i;

	if (!kept_report(frame, &i, &returned, &output) || i >= w->job_count ||
	    w->reported[i] || w->state == KEPT_HELD ||
	    (returned && w->state != KEPT_BUSY))
		return false;
	w->reported[i] = true;
	w->since_ms = pool->now_ms;
	if (returned) {
		w->returned = true;
		keptcore_set_waiting(pool, &pool->jobs[w->jobs[i]], true);
		return true;
	}
	report_from_remote(0, output, false, &text);
	keptcore_report(pool, w->jobs[i], str_view(&text));
	str_free(&text);
	return true;
}

/* Is another delivery for the same place likely? */
static bool
is_wanted(const struct keptpool *pool, const struct kept_worker *w)
{
	size_t i;

	if (w->expected || w->returned)
		return true;
	for (i = 0; i < pool->count; i++)
		if (pool->workers[i].state == KEPT_HELD &&
		    view_equal(str_view(&pool->workers[i].destination),
			str_view(&w->destination)))
			return true;
	return kepttraffic_is_busy(
	    &pool->traffic, str_view(&w->destination), w->arrived_ms, pool->now_ms);
}

/* It is one of those that there are still. */
static void
learn_cap(struct keptpool *pool, const struct kept_worker *w)
{
	struct view destination = str_view(&w->destination);

	keptcap_refused(&pool->cap, destination,
	    kept_connections(pool->workers, pool->count, destination), pool->now_ms);
}

static bool
take_end(struct keptpool *pool, struct kept_worker *w, const struct frame *frame)
{
	struct kept_end end;
	size_t i, missing = 0;

	for (i = 0; i < w->job_count; i++)
		missing += !w->reported[i];
	if (!kept_end(frame, &end) || missing > 0 || w->state == KEPT_HELD ||
	    w->state == KEPT_PARKED)
		return false;
	w->job_count = 0;
	w->rcpt_max = end.rcpt_max;
	if (end.crowded)
		learn_cap(pool, w);
	if (!end.open || pool->eof || !is_wanted(pool, w)) {
		keptcore_let_go(w);
		return true;
	}
	w->state = KEPT_PARKED;
	w->expected = 0;
	w->since_ms = pool->now_ms;
	w->messages = end.messages;
	w->opened_ms = pool->now_ms - end.age_ms;
	return true;
}

/* False: it broke the rules. */
static bool
take_frame(struct keptpool *pool, struct kept_worker *w, const struct frame *frame)
{
	switch (frame->kind) {
	case WIRE_KEPT_PLAN:
		return take_plan(pool, w, frame);
	case WIRE_KEPT_DOT:
		w->dot = true;
		return w->state == KEPT_BUSY;
	case WIRE_KEPT_REPORT:
		return take_report(pool, w, frame);
	case WIRE_KEPT_END:
		return take_end(pool, w, frame);
	}
	return false;
}

/* One frame.  True if there may be another. */
static bool
hear_one(struct keptpool *pool, struct kept_worker *w)
{
	struct str packet = { 0 };
	struct frame frame = { 0 };
	int got = frame_receive(w->fd, &packet, &frame, deadline_in_ms(0));

	if (got > 0)
		frame_close_fds(&frame);
	if (got < 0 && errno == ETIMEDOUT) {
		got = 0;
	} else if (got == 0) {
		keptcore_lose(pool, w);
	} else if (got < 0 || !take_frame(pool, w, &frame)) {
		keptcore_kill(w);
		keptcore_lose(pool, w);
	}
	str_free(&packet);
	return got > 0 && w->state != KEPT_NONE;
}

/* The end comes right behind the last report, and lets the next delivery go over the session. */
void
kepthear(struct keptpool *pool, struct kept_worker *w)
{
	size_t i = 0;

	while (hear_one(pool, w) && i < KEPT_RECIPIENTS_MAX)
		i++;
}
