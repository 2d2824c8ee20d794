/* The part of manager.h that runs: signals, answers, and the one loop. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "os/os.h"
#include "os/signals.h"
#include "send/attempts.h"
#include "send/deliveries.h"
#include "send/finish.h"
#include "send/manager.h"
#include "send/pending.h"
#include "send/preprocess.h"
#include "send/sendlog.h"
#include "send/startup.h"
#include "send/sweep.h"

enum { CLOCK_STEP = 60 }; /* seconds back that are more than a correction */

/* --- signals -------------------------------------------------------------------------------- */

static void
reread_controls(struct manager *m)
{
	struct problem problem = { .what = NULL };
	int kind;

	if (sendsettings_read(&m->settings, &problem) < 0) {
		sendlog_say(
		    MANAGER_LOG_FD, "alert: unable to reread ", problem.where, "");
		return;
	}
	for (kind = 0; kind < CHANNELS; kind++)
		manager_set_limit(m, kind);
}

static void
obey_signals(struct manager *m)
{
	int number, kind;

	while ((number = os_signal_next(m->signal_fd)))
		switch (number) {
		case SIGTERM:
			m->exiting = true;
			break;
		case SIGALRM:
			for (kind = 0; kind < CHANNELS; kind++)
				pending_all_due(m, kind);
			m->scan.all_due = m->scan.running;
			break;
		case SIGHUP:
			reread_controls(m);
			break;
		}
}

/* --- qmail-clean ---------------------------------------------------------------------------- */

static void
take_clean_answer(
    struct manager *m, const struct clean_request *request, enum clean_answer answer)
{
	char text[NAME_MAX_OCTETS];

	if (answer == CLEAN_FAILED) {
		cleaner_text(&m->cleaner, request, text);
		sendlog_say(
		    MANAGER_LOG_FD, "warning: qmail-clean unable to clean up ", text, "");
	}
	if (request->kind == CLEAN_TODO)
		preprocess_cleaned(m, request, answer == CLEAN_DONE);
}

static void
read_clean_answers(struct manager *m)
{
	struct clean_request request;
	enum clean_answer answer;

	if (cleaner_read(&m->cleaner) < 0) {
		manager_lost_cleaner(m);
		return;
	}
	while ((answer = cleaner_answer(&m->cleaner, &request)) != CLEAN_NONE)
		take_clean_answer(m, &request, answer);
}

/* --- the loop ------------------------------------------------------------------------------- */

enum {
	POLL_SIGNALS,
	POLL_TRIGGER,
	POLL_CLEANER,
	POLL_REPORTS,
	POLL_COMMANDS = POLL_REPORTS + CHANNELS,
	POLL_INJECTIONS = POLL_COMMANDS + CHANNELS,
	POLL_DESK = POLL_INJECTIONS + MANAGER_INJECTIONS,
	POLL_COUNT = POLL_DESK + DESK_POLLS
};

static void
list_descriptors(const struct manager *m, struct pollfd *list)
{
	int i;

	list[POLL_SIGNALS] = (struct pollfd) { m->signal_fd, POLLIN, 0 };
	/* Once pulled it stays readable until it is opened anew. */
	list[POLL_TRIGGER] = (struct pollfd) {
		m->preprocess.pulled || m->exiting ? -1 : m->preprocess.trigger_fd,
		POLLIN, 0
	};
	list[POLL_CLEANER] =
	    (struct pollfd) { m->cleaner.alive ? m->cleaner.answer_fd : -1, POLLIN, 0 };
	for (i = 0; i < CHANNELS; i++) {
		const struct spawner *s = &m->channels[i].spawner;

		list[POLL_REPORTS + i] =
		    (struct pollfd) { s->alive ? s->report_fd : -1, POLLIN, 0 };
		list[POLL_COMMANDS + i] =
		    (struct pollfd) { s->alive && s->pending.len > 0 ? s->command_fd : -1,
			    POLLOUT, 0 };
	}
	for (i = 0; i < MANAGER_INJECTIONS; i++) {
		const struct injection *injection = &m->injections[i];

		list[POLL_INJECTIONS + i] =
		    (struct pollfd) { injection->pid ? injection->result_fd : -1, POLLIN,
			    0 };
	}
	desk_list(&m->desk, list + POLL_DESK);
}

static int64_t
sooner_of(int64_t at, const struct duequeue *q)
{
	const struct due *first = duequeue_first(q);

	return first && first->at < at ? first->at : at;
}

/* The clock was set back: what is to be done in ten minutes is to be done in ten minutes still. */
static void
follow_clock(struct manager *m)
{
	int64_t offset, back;
	int kind;

	m->now = time(NULL);
	offset = m->now - os_boottime_ms() / 1000;
	back = m->clock_offset - offset;
	m->clock_offset = offset;
	if (back < CLOCK_STEP)
		return;
	for (kind = 0; kind < CHANNELS; kind++)
		pending_bring_forward(m, kind, back);
	duequeue_bring_forward(&m->finished, back);
	duequeue_bring_forward(&m->doubtful, back);
	m->preprocess.next -= back;
	m->scan.again -= back;
	m->sweep.next -= back;
}

/* Milliseconds until something is to be done without anybody asking.  What waits for a free slot or
 * an answer is not counted: its end wakes us. */
static int
time_to_wait(const struct manager *m)
{
	int64_t at = m->preprocess.next;
	int kind;

	if (desk_is_busy(&m->desk))
		return 0;
	if (m->exiting)
		return -1;
	if (preprocess_is_busy(m) || startup_is_busy(m) || sweep_is_busy(m))
		return 0;
	if (at <= m->now) /* waits for qmail-clean */
		at = m->now + MANAGER_TODO_AFTER;
	if (m->sweep.next > m->now && m->sweep.next < at)
		at = m->sweep.next;
	if (m->scan.running && m->scan.again < at)
		at = m->scan.again;
	if (finish_can_work(m))
		at = sooner_of(at, &m->finished);
	at = sooner_of(at, &m->doubtful);
	for (kind = 0; kind < CHANNELS; kind++) {
		const struct channel *c = &m->channels[kind];

		if (attempts_is_busy(m, kind))
			return 0;
		if (c->running < c->limit && spawner_is_ready(&c->spawner) &&
		    pending_next(c) < at)
			at = pending_next(c);
	}
	if (at > m->now + MANAGER_TODO_AFTER) /* the clock may be set meanwhile */
		at = m->now + MANAGER_TODO_AFTER;
	return at <= m->now ? 0 : (int)(at - m->now) * 1000;
}

static void
serve_descriptors(struct manager *m, const struct pollfd *list)
{
	int i;

	if (list[POLL_SIGNALS].revents)
		obey_signals(m);
	if (list[POLL_TRIGGER].revents)
		m->preprocess.pulled = true;
	if (list[POLL_CLEANER].revents)
		read_clean_answers(m);
	for (i = 0; i < CHANNELS; i++) {
		if (list[POLL_COMMANDS + i].revents &&
		    spawner_flush(&m->channels[i].spawner) < 0)
			manager_lost_spawner(m, i);
		if (list[POLL_REPORTS + i].revents)
			deliveries_read_reports(m, i);
	}
	for (i = 0; i < MANAGER_INJECTIONS; i++)
		if (list[POLL_INJECTIONS + i].revents)
			finish_injected(m, &m->injections[i]);
	desk_serve(m, list + POLL_DESK);
}

static void
do_what_is_due(struct manager *m)
{
	int64_t boottime = os_boottime_ms() / 1000;
	int kind;

	if (m->looked != m->now)
		nexthops_refresh(&m->settings.nexthops);
	m->looked = m->now;
	preprocess_do(m);
	for (kind = 0; kind < CHANNELS; kind++)
		attempts_fill(m, kind);
	desk_do(m);
	if (m->exiting)
		return;
	finish_do(m);
	startup_do(m);
	startup_recheck(m);
	sweep_do(m, boottime);
}

/* Nothing runs that could still tell us something. */
static bool
is_idle(const struct manager *m)
{
	int i;

	for (i = 0; i < CHANNELS; i++)
		if (m->channels[i].spawner.alive && m->channels[i].running > 0)
			return false;
	for (i = 0; i < MANAGER_INJECTIONS; i++)
		if (m->injections[i].pid)
			return false;
	if (desk_is_busy(&m->desk)) /* an order that was taken is carried out */
		return false;
	/* A todo/N that goes after our successor looked would be a message nobody knows. */
	return !m->cleaner.alive || m->cleaner.count == 0;
}

void
manager_run(struct manager *m)
{
	struct pollfd list[POLL_COUNT];
	int kind;

	m->now = time(NULL);
	m->clock_offset = m->now - os_boottime_ms() / 1000;
	startup_begin(m);
	preprocess_start(m);
	sweep_start(m, os_boottime_ms() / 1000);
	manager_log_status(m);
	while (!m->exiting || !is_idle(m)) {
		list_descriptors(m, list);
		if (poll(list, POLL_COUNT, time_to_wait(m)) < 0) {
			if (errno != EINTR)
				sendlog_say(
				    MANAGER_LOG_FD, "warning: ", "trouble in select", "");
			continue;
		}
		follow_clock(m);
		serve_descriptors(m, list);
		do_what_is_due(m);
	}
	for (kind = 0; kind < CHANNELS; kind++)
		attempts_stop(m, kind);
	startup_save(m);
	sendlog_say(MANAGER_LOG_FD, "status: ", "exiting", "");
}
