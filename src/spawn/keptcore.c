#include "spawn/keptcore.h"

#include <poll.h>
#include <signal.h>

#include "lib/fd.h"

void
keptcore_set_waiting(struct keptpool *pool, struct kept_job *job, bool waiting)
{
	pool->waiting += waiting;
	pool->waiting -= job->waiting;
	job->waiting = waiting;
}

static void
end_job(struct keptpool *pool, struct kept_job *job)
{
	keptcore_set_waiting(pool, job, false);
	fd_close(&job->message);
	str_free(&job->command.messid);
	str_free(&job->command.sender);
	str_free(&job->command.recipient);
	job->used = false;
}

void
keptcore_report(struct keptpool *pool, unsigned delnum, struct view text)
{
	end_job(pool, &pool->jobs[delnum]);
	spawnloop_report(pool->loop, delnum, text);
}

void
keptcore_deliver_by_child(struct keptpool *pool, struct kept_job *job)
{
	spawnloop_child(pool->loop, &job->command, job->message);
	end_job(pool, job);
}

struct view
keptcore_host(const struct kept_job *job)
{
	struct view recipient = str_view(&job->command.recipient);

	return view_from(recipient, view_rindex(recipient, '@') + 1);
}

bool
keptcore_same_message(const struct kept_job *a, const struct kept_job *b)
{
	return view_equal(str_view(&a->command.messid), str_view(&b->command.messid)) &&
	    view_equal(str_view(&a->command.sender), str_view(&b->command.sender)) &&
	    view_equal(keptcore_host(a), keptcore_host(b));
}

void
keptcore_begin(struct keptpool *pool, struct kept_worker *w)
{
	struct kept_job *first = &pool->jobs[w->jobs[0]];

	str_set(&w->host, keptcore_host(first));
	str_set(&w->sender, str_view(&first->command.sender));
	if (w->job_count == 1) /* it cannot come back */
		fd_close(&first->message);
	w->state = KEPT_BUSY;
	w->since_ms = pool->now_ms;
}

/* Its end of the socket is open only while it lives, and nobody reaps it in between. */
void
keptcore_kill(struct kept_worker *w)
{
	struct pollfd end = { w->fd, POLLIN, 0 };

	w->killed = true;
	if (poll(&end, 1, 0) >= 0 && !(end.revents & (POLLHUP | POLLERR)))
		kill(w->pid, SIGKILL);
}

void
keptcore_let_go(struct kept_worker *w)
{
	fd_close(&w->fd);
	str_free(&w->host);
	str_free(&w->sender);
	str_free(&w->destination);
	*w = (struct kept_worker) { .fd = -1 };
}

/* Its deliveries wait again: nothing was done for them. */
void
keptcore_take_back(struct keptpool *pool, struct kept_worker *w)
{
	size_t i;

	for (i = 0; i < w->job_count; i++)
		if (!w->reported[i])
			keptcore_set_waiting(pool, &pool->jobs[w->jobs[i]], true);
	w->job_count = 0;
}

void
keptcore_report_all(struct keptpool *pool, struct kept_worker *w, struct view text)
{
	size_t i;

	for (i = 0; i < w->job_count; i++)
		if (!w->reported[i])
			keptcore_report(pool, w->jobs[i], text);
	w->job_count = 0;
}

/* By children of their own: this one could not even begin. */
static void
deliver_all_by_children(struct keptpool *pool, struct kept_worker *w)
{
	size_t i;

	for (i = 0; i < w->job_count; i++)
		if (!w->reported[i])
			keptcore_deliver_by_child(pool, &pool->jobs[w->jobs[i]]);
	w->job_count = 0;
}

void
keptcore_lose(struct keptpool *pool, struct kept_worker *w)
{
	switch (w->state) {
	case KEPT_ASKED:
	case KEPT_HELD:
		deliver_all_by_children(pool, w);
		break;
	case KEPT_OFFERED:
		keptcore_take_back(pool, w);
		break;
	case KEPT_BUSY:
		keptcore_report_all(pool, w,
		    w->dot && pool->settings.detail
			? VIEW("Zqmail-remote crashed.\nPossible duplicate!\n")
			: VIEW("Zqmail-remote crashed.\n"));
		break;
	case KEPT_NONE:
	case KEPT_PARKED:
		break;
	}
	keptcore_let_go(w);
}
