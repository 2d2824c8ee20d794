#include "send/attempts.h"

#include "send/deliveries.h"
#include "send/pending.h"
#include "send/walk.h"

enum {
	BUDGET = 200,       /* files that are read in one turn of the loop */
	FRESH_IN_A_ROW = 8, /* where slots are too few to be shared */
	SHARE = 4,          /* a quarter of the slots is kept for either class */
};

/* --- the shares of the slots ---------------------------------------------------------------- */

/* Retried mail mostly waits for hosts that do not answer: some slots are never its own, so that new mail
 * starts at once. */
static bool
may_start(const struct channel *c, unsigned class)
{
	unsigned kept = c->limit > 1 ? (c->limit + SHARE - 1) / SHARE : 0;

	return c->running < c->limit && spawner_is_ready(&c->spawner) &&
	    (class == CLASS_FRESH || c->classes[CLASS_RETRIED].running + kept < c->limit);
}

/* The class that comes first. */
static unsigned
first_class(const struct channel *c)
{
	if (c->classes[CLASS_RETRIED].running < c->limit / SHARE ||
	    c->fresh_in_a_row >= FRESH_IN_A_ROW)
		return CLASS_RETRIED;
	return CLASS_FRESH;
}

/* --- turns ---------------------------------------------------------------------------------- */

/* A job of the flow, each in its turn. */
static bool
start_of_jobs(struct manager *m, struct flow *flow)
{
	const struct job *last = flow->jobs ? flow->jobs->previous : NULL;
	bool at_end = !last;

	while (!at_end && flow->jobs) {
		struct job *job = flow->jobs;
		enum step step;

		at_end = job == last;
		flow->jobs = job->next;
		step = walk_on(m, job);
		if (step == STEP_STARTED)
			return true;
	}
	return false;
}

static bool
start_of_ready(struct manager *m, enum channel_kind kind, unsigned class, unsigned flow)
{
	struct channel *c = &m->channels[kind];
	struct turns *turns = &c->classes[class];

	while (c->budget > 0) {
		uint32_t index =
		    fairqueue_take_from(&turns->ready, &m->messages, kind, flow);
		struct job *job;

		if (index == MESSAGES_NONE)
			return false;
		job = walk_begin(m, kind, index);
		if (job && walk_on(m, job) == STEP_STARTED)
			return true;
	}
	return false;
}

static bool
start_of_flow(struct manager *m, enum channel_kind kind, unsigned class, unsigned number)
{
	struct channel *c = &m->channels[kind];
	struct flow *flow = &c->classes[class].flows[number];
	bool job_first = !flow->last_was_job;

	if (job_first && start_of_jobs(m, flow)) {
		flow->last_was_job = true;
		return true;
	}
	if (start_of_ready(m, kind, class, number)) {
		flow->last_was_job = false;
		return true;
	}
	return !job_first && start_of_jobs(m, flow);
}

static bool
start_of_class(struct manager *m, enum channel_kind kind, unsigned class)
{
	struct channel *c = &m->channels[kind];
	struct turns *turns = &c->classes[class];
	unsigned i;

	if (!may_start(c, class))
		return false;
	for (i = 0; i < FAIRQUEUE_FLOWS; i++) {
		unsigned flow = (turns->turn + i) % FAIRQUEUE_FLOWS;

		if (!start_of_flow(m, kind, class, flow))
			continue;
		turns->turn = (flow + 1) % FAIRQUEUE_FLOWS;
		if (class == CLASS_RETRIED)
			c->fresh_in_a_row = 0;
		else if (c->classes[CLASS_RETRIED].ready.count > 0)
			c->fresh_in_a_row++;
		return true;
	}
	return false;
}

static bool
start_of_classes(struct manager *m, enum channel_kind kind)
{
	unsigned first = first_class(&m->channels[kind]);

	return start_of_class(m, kind, first) ||
	    start_of_class(m, kind, CLASSES - 1 - first);
}

static bool
start_parked(struct manager *m, struct channel *c, enum channel_kind kind,
    struct destination *where)
{
	while (where->parked.count > 0 && c->budget > 0 &&
	    destination_has_room(&where->window, deliveries_most(m, c, where), m->now)) {
		uint32_t index = fairqueue_next(&where->parked);
		const struct message *message = messages_at(&m->messages, index);
		struct job *job;

		if (!may_start(
			c, message->channels[kind].retried ? CLASS_RETRIED : CLASS_FRESH))
			return false;
		destinations_unpark(&c->destinations, where, &m->messages, kind);
		job = walk_begin(m, kind, index);
		if (!job)
			continue;
		job->called = where;
		if (walk_on(m, job) == STEP_STARTED)
			return true;
	}
	if (where->parked.count == 0 || c->budget > 0)
		destinations_uncall(&c->destinations, where);
	if (where->parked.count == 0)
		c->changes++; /* who came along need not stand back any more */
	return false;
}

/* A message that is parked where there is room now.  False: none can start. */
static bool
start_of_parked(struct manager *m, struct channel *c, enum channel_kind kind,
    struct destination *where)
{
	bool started;

	destinations_use(&c->destinations, where); /* those idle may be forgotten */
	started = start_parked(m, c, kind, where);
	destinations_release(&c->destinations, where);
	return started;
}

/* Each that calls has its turn. */
static bool
start_of_destinations(struct manager *m, enum channel_kind kind)
{
	struct channel *c = &m->channels[kind];
	struct destinations *d = &c->destinations;
	const struct destination *last = d->calling ? d->calling->calling_previous : NULL;
	bool at_end = !last;

	while (!at_end && d->calling && may_start(c, CLASS_FRESH)) {
		struct destination *where = d->calling;

		at_end = where == last;
		d->calling = where->calling_next;
		if (start_of_parked(m, c, kind, where))
			return true;
	}
	return false;
}

/* Those whose pause is over are tried with one; of the rest that is parked, what is too old comes to its
 * end. */
static void
open_destinations(struct manager *m, enum channel_kind kind)
{
	struct channel *c = &m->channels[kind];
	struct destination *where;

	while ((where = destinations_opened(&c->destinations, m->now))) {
		c->changes++;
		destinations_call(&c->destinations, where);
	}
}

static bool
start_one(struct manager *m, enum channel_kind kind)
{
	struct channel *c = &m->channels[kind];
	bool parked_first = !c->called_last;

	c->called_last = parked_first && start_of_destinations(m, kind);
	if (c->called_last || start_of_classes(m, kind))
		return true;
	c->called_last = !parked_first && start_of_destinations(m, kind);
	return c->called_last;
}

void
attempts_fill(struct manager *m, enum channel_kind kind)
{
	struct channel *c = &m->channels[kind];
	uint64_t changes;

	if (m->exiting)
		return;
	open_destinations(m, kind);
	pending_do(m, kind);
	c->budget = BUDGET;
	do {
		changes = c->changes;
		while (!m->exiting && may_start(c, CLASS_FRESH) && start_one(m, kind))
			continue;
	} while (c->changes != changes && c->budget > 0);
}

bool
attempts_is_busy(const struct manager *m, enum channel_kind kind)
{
	const struct channel *c = &m->channels[kind];

	return c->budget == 0 && may_start(c, CLASS_FRESH);
}

/* Deliveries are left only if their spawner was lost. */
static void
abandon(struct manager *m, struct channel *c, struct delivery *d)
{
	struct job *job = d->job;

	deliveries_forget(c, d);
	if (job->running == 0 && !job->in_ring)
		walk_stop(m, job);
}

void
attempts_stop(struct manager *m, enum channel_kind kind)
{
	struct channel *c = &m->channels[kind];
	unsigned i, class, flow;

	for (i = 0; i < c->spawner.slots; i++)
		if (c->deliveries[i].job)
			abandon(m, c, &c->deliveries[i]);
	for (class = 0; class < CLASSES; class ++)
		for (flow = 0; flow < FAIRQUEUE_FLOWS; flow++)
			while (c->classes[class].flows[flow].jobs)
				walk_stop(m, c->classes[class].flows[flow].jobs);
}
