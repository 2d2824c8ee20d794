#include "send/release.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "send/pending.h"
#include "send/schedule.h"

static bool
is_file_absent(const struct manager *m, enum layout_dir dir, uint64_t id)
{
	char path[NAME_MAX_OCTETS];
	struct stat st;

	layout_path(&m->layout, dir, id, path);
	return fstatat(m->layout.fd, path, &st, 0) < 0 && errno == ENOENT;
}

void
release_channel(struct manager *m, enum channel_kind kind, uint32_t index)
{
	enum channel_kind other = kind == CHANNEL_LOCAL ? CHANNEL_REMOTE : CHANNEL_LOCAL;
	struct message *message = messages_at(&m->messages, index);
	enum layout_dir dir = manager_channel_dir(kind);
	char path[NAME_MAX_OCTETS];

	layout_path(&m->layout, dir, message->id, path);
	if (unlinkat(m->layout.fd, path, 0) < 0 && errno != ENOENT) {
		manager_warn(
		    m, "unable to unlink ", dir, message->id, "; will try again later");
		pending_wait(m, kind, index, m->now + MANAGER_RETRY);
		return;
	}
	message->channels[kind].place = MESSAGE_NOWHERE;
	if (is_file_absent(m, manager_channel_dir(other), message->id))
		duequeue_add(&m->finished, m->now, message->id);
}

/* Was the message only looked at, as its destination is suspended? */
static bool
waits_for_one(const struct job *job)
{
	return job->skipped && !job->skipped_others && !job->others && job->opens == 0 &&
	    job->walked;
}

/* Recipients of a suspended host wait for that, or for the others of the message: nobody is tried more often
 * than the schedule says. */
static int64_t
time_of(const struct job *job)
{
	bool others = job->others || !job->walked;
	int64_t at = schedule_after(job->again, job->opens, others);

	if (!job->skipped || others)
		return at;
	return job->opens == 0 || job->skipped_until < job->opens ? job->skipped_until
								  : at;
}

/* If it can be served meanwhile, it is called. */
static void
park(struct manager *m, struct channel *c, const struct job *job,
    struct destination *where)
{
	destinations_park(&c->destinations, where, &m->messages, job->kind, job->message);
	destinations_call(&c->destinations, where);
}

void
release_job(struct manager *m, struct job *job)
{
	struct channel *c = &m->channels[job->kind];
	struct message *message = messages_at(&m->messages, job->message);
	bool settled = message->channels[job->kind].settled;

	message->channels[job->kind].settled = false;
	if (job->started)
		message->channels[job->kind].urgent = false;
	if (job->others || job->opens > 0)
		message->channels[job->kind].retried = true;
	if (job->walked && job->left == 0)
		release_channel(m, job->kind, job->message);
	else if (settled) /* what the job knows of is marked by now: its file says so */
		pending_wait(m, job->kind, job->message, m->now);
	else if (waits_for_one(job) && !message->held)
		park(m, c, job, job->skipped);
	else
		pending_wait(m, job->kind, job->message, time_of(job));
	c->jobs--;
	job_free(job, &c->destinations);
}

void
release_job_to(struct manager *m, struct job *job, struct destination *where)
{
	struct channel *c = &m->channels[job->kind];

	park(m, c, job, where);
	c->jobs--;
	job_free(job, &c->destinations);
}
