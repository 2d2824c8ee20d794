#include "send/walk.h"

#include "lib/mem.h"
#include "send/deliveries.h"
#include "send/jobring.h"
#include "send/messageinfo.h"
#include "send/pending.h"
#include "send/release.h"
#include "send/schedule.h"

enum { JOBS_MAX = 200 }; /* that are kept in memory though nothing of them runs */

static const int64_t steps[CHANNELS] = { SCHEDULE_LOCAL_STEP, SCHEDULE_REMOTE_STEP };

/* --- one job -------------------------------------------------------------------------------- */

static void
leave_ring(struct channel *c, struct job *job)
{
	if (job->in_ring)
		jobring_remove(&c->classes[job->class].flows[job->flow].jobs, job);
	job->in_ring = false;
}

/* It is due again when it may go on. */
enum step
walk_stop(struct manager *m, struct job *job)
{
	struct channel *c = &m->channels[job->kind];

	leave_ring(c, job);
	pending_wait(m, job->kind, job->message, m->now);
	c->jobs--;
	job_free(job, &c->destinations);
	return STEP_ENDED;
}

/* Of a destination where others are parked, who comes along has every second place. */
static bool
has_room(const struct manager *m, const struct channel *c, const struct job *job,
    struct destination *where)
{
	bool urgent = messages_at(&m->messages, job->message)->channels[job->kind].urgent;

	if (urgent && destination_is_suspended(&where->window, m->now))
		where->window.opens = m->now; /* somebody wants to know */
	if (!destination_has_room(&where->window, deliveries_most(m, c, where), m->now))
		return false;
	return where->parked.count == 0 || where == job->called || urgent ||
	    (job->started && where->yielded);
}

/* Whoever asks why it waits hears what its host said to others; or what it heard itself before. */
static void
note_reason_of_host(struct manager *m, const struct job *job,
    const struct job_recipient *recipient, const struct destination *where)
{
	struct reasons *reasons = &m->desk.reasons;
	int64_t birth = messages_at(&m->messages, job->message)->birth;

	if (where->reason.len > 0 &&
	    !reasons_find(reasons, job->id, job->kind, recipient->offset, birth))
		reasons_note(reasons, job->id, job->kind, recipient->offset, m->now,
		    view_from(str_view(&where->reason), 1));
}

static void
skip(struct channel *c, struct job *job, struct destination *where)
{
	int64_t opens = where->window.opens;

	if (!job->skipped) {
		job->skipped = where;
		destinations_use(&c->destinations, where);
	}
	job->skipped_others = job->skipped_others || job->skipped != where;
	if (job->skipped_until == 0 || opens < job->skipped_until)
		job->skipped_until = opens;
}

/* An admin holds the domain of the recipient: it is left out, and the message is not given up for it. */
static bool
pass_over(
    struct manager *m, struct channel *c, struct job *job, struct job_recipient **at)
{
	if (!desk_holds_domain(&m->desk, str_view(&(*at)->address)))
		return false;
	messages_at(&m->messages, job->message)->passed_over = true;
	job->others = true;
	job_recipient_free(job_take(job, at), &c->destinations);
	return true;
}

/* Start the first recipient that can be; leave out those whose host is suspended. */
static bool
start_first(struct manager *m, struct channel *c, struct job *job)
{
	struct job_recipient **at = &job->first;

	while (*at) {
		struct destination *where = (*at)->destination;

		if (pass_over(m, c, job, at))
			continue;
		if (has_room(m, c, job, where)) {
			where->yielded = where == job->called;
			job->called = NULL;
			deliveries_start(m, job, at);
			return true;
		}
		if (!destination_is_suspended(&where->window, m->now)) {
			at = &(*at)->next;
		} else if (job->dying && where->reason.len > 0) {
			deliveries_give_up(m, job, at);
		} else {
			note_reason_of_host(m, job, *at, where);
			skip(c, job, where);
			job_recipient_free(job_take(job, at), &c->destinations);
		}
	}
	return false;
}

static void
read_more(struct manager *m, struct channel *c, struct job *job)
{
	enum layout_dir dir = manager_channel_dir(job->kind);

	c->budget -= c->budget > 0;
	switch (job_read(job, &m->layout, &c->destinations, &m->settings.nexthops)) {
	case JOB_READ:
		return;
	case JOB_UNOPENABLE:
		manager_warn(
		    m, "unable to open ", dir, job->id, "; will try again later");
		job->again = m->now + MANAGER_RETRY;
		break;
	case JOB_UNREADABLE:
		manager_warn(
		    m, "trouble reading ", dir, job->id, "; will try again later");
		break;
	case JOB_UNKNOWN:
		manager_warn(m, "unknown record type in ", dir, job->id, "!");
	}
}

/* Nothing of it runs, and nothing can start: it makes room for others. */
static enum step
put_away(struct manager *m, struct channel *c, struct job *job)
{
	leave_ring(c, job);
	if (job->first)
		release_job_to(m, job, job->first->destination);
	else
		release_job(m, job);
	return STEP_ENDED;
}

/* One that has begun knows which of its recipients were deferred: these are not tried again when the others
 * have their turn. */
static bool
is_kept(const struct channel *c, const struct job *job)
{
	return job->first && job->started && c->jobs <= JOBS_MAX;
}

/* Somebody else has settled what waits (manage.h). */
static void
forget_waiting(struct manager *m, struct channel *c, struct job *job)
{
	if (!messages_at(&m->messages, job->message)->channels[job->kind].settled)
		return;
	job->left -= job->waiting;
	while (job->first)
		job_recipient_free(job_take(job, &job->first), &c->destinations);
}

enum step
walk_on(struct manager *m, struct job *job)
{
	struct channel *c = &m->channels[job->kind];

	if (job->blocked == c->changes + 1)
		return STEP_BLOCKED;
	job->blocked = c->changes + 1;
	if (messages_at(&m->messages, job->message)->held)
		return job->running > 0 ? STEP_BLOCKED : walk_stop(m, job);
	forget_waiting(m, c, job);
	for (;;) {
		if (start_first(m, c, job)) {
			job->blocked = 0;
			if (job_is_through(job))
				leave_ring(c, job);
			return STEP_STARTED;
		}
		if (job->walked || job->broken || job->waiting >= JOB_RECIPIENTS)
			break;
		read_more(m, c, job);
	}
	if (job->running > 0 || is_kept(c, job))
		return STEP_BLOCKED;
	return put_away(m, c, job);
}

/* --- a message becomes a job ---------------------------------------------------------------- */

static struct job *
make_job(
    struct manager *m, enum channel_kind kind, uint32_t index, struct messageinfo *info)
{
	struct message *message = messages_at(&m->messages, index);
	struct message_channel *place = &message->channels[kind];
	struct job *job = mem_alloc_zeroed(1, sizeof *job);

	job->id = message->id;
	job->kind = kind;
	job->message = index;
	job->class = place->retried ? CLASS_RETRIED : CLASS_FRESH;
	job->flow = fairqueue_flow(message);
	job->dying = m->now > info->birth &&
	    (uint64_t)(m->now - info->birth) > m->settings.lifetime;
	job->spared = schedule_may_wait(info->birth, m->now, m->settings.lifetime);
	job->again = schedule_next(info->birth, m->now, steps[kind]);
	job->sender = info->sender; /* ours now */
	message->birth = messages_time(info->birth);
	place->place = MESSAGE_ACTIVE;
	return job;
}

/* The message that was just taken from where it waited.  NULL: it waits for its time again. */
struct job *
walk_begin(struct manager *m, enum channel_kind kind, uint32_t index)
{
	struct channel *c = &m->channels[kind];
	const struct message *message = messages_at(&m->messages, index);
	struct messageinfo info = { 0 };
	struct job *job;

	if (message->held) {
		pending_wait(m, kind, index, message->channels[kind].at);
		return NULL;
	}
	c->budget -= c->budget > 0;
	if (messageinfo_read(&m->layout, message->id, &info) < 0) {
		manager_warn(m, "unable to open ", LAYOUT_INFO, message->id,
		    "; will try again later");
		pending_wait(m, kind, index, m->now + MANAGER_RETRY);
		return NULL;
	}
	job = make_job(m, kind, index, &info);
	c->jobs++;
	job->in_ring = true;
	jobring_add(&c->classes[job->class].flows[job->flow].jobs, job);
	return job;
}

void
walk_ended(struct manager *m, struct job *job)
{
	struct channel *c = &m->channels[job->kind];

	if (job->running > 0 || !job_is_through(job))
		return;
	leave_ring(c, job);
	release_job(m, job);
}
