#include "delivery/manager.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "delivery/attempts.h"
#include "delivery/finish.h"
#include "delivery/preprocess.h"
#include "delivery/sendlog.h"
#include "delivery/startup.h"
#include "delivery/sweep.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "os/os.h"
#include "os/signals.h"

enum { CLOCK_STEP = 60 }; /* seconds back that are more than a correction */

/* --- what the parts share ------------------------------------------------------------------- */

enum layout_dir
manager_channel_dir(enum channel_kind kind)
{
	return kind == CHANNEL_LOCAL ? LAYOUT_LOCAL : LAYOUT_REMOTE;
}

void
manager_warn(const struct manager *m, const char *before, enum layout_dir dir,
    uint64_t id, const char *after)
{
	struct sendlog_line line = { { 0 } };
	char path[NAME_MAX_OCTETS];

	layout_path(&m->layout, dir, id, path);
	sendlog_text(&line, "warning: ");
	sendlog_text(&line, before);
	sendlog_text(&line, path);
	sendlog_text(&line, after);
	sendlog_end(&line, MANAGER_LOG_FD);
}

void
manager_log_status(const struct manager *m)
{
	static const char *const words[CHANNELS] = { "status: local ", " remote " };
	struct sendlog_line line = { { 0 } };
	int kind;

	for (kind = 0; kind < CHANNELS; kind++) {
		sendlog_text(&line, words[kind]);
		sendlog_number(&line, m->channels[kind].running);
		sendlog_text(&line, "/");
		sendlog_number(&line, m->channels[kind].limit);
	}
	if (m->exiting)
		sendlog_text(&line, " exitasap");
	sendlog_end(&line, MANAGER_LOG_FD);
}

void
manager_lost_spawner(struct manager *m, enum channel_kind kind)
{
	if (!m->channels[kind].spawner.alive)
		return;
	m->channels[kind].spawner.alive = false;
	m->exiting = true;
	sendlog_say(
	    MANAGER_LOG_FD, "alert: ", "oh no! lost spawn connection! dying...", "");
}

void
manager_lost_cleaner(struct manager *m)
{
	if (!m->cleaner.alive)
		return;
	m->cleaner.alive = false;
	m->exiting = true;
	sendlog_say(MANAGER_LOG_FD,
	    "alert: ", "oh no! lost qmail-clean connection! dying...", "");
}

void
manager_clean(struct manager *m, const struct clean_request *request)
{
	if (cleaner_request(&m->cleaner, request) < 0)
		manager_lost_cleaner(m);
}

/* --- signals -------------------------------------------------------------------------------- */

static void
reread_controls(struct manager *m)
{
	const char *file = NULL;

	if (sendsettings_reread(&m->settings, &file) < 0)
		sendlog_say(MANAGER_LOG_FD, "alert: unable to reread ", file, "");
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
				duequeue_set_all(&m->channels[kind].due, m->now);
			break;
		case SIGHUP:
			reread_controls(m);
			break;
		}
}

/* --- qmail-clean ---------------------------------------------------------------------------- */

static void
read_clean_answer(struct manager *m)
{
	struct clean_request request;
	enum clean_answer answer = cleaner_answer(&m->cleaner, &request);
	char text[NAME_MAX_OCTETS];

	switch (answer) {
	case CLEAN_NONE:
		return;
	case CLEAN_GONE:
		manager_lost_cleaner(m);
		return;
	case CLEAN_FAILED:
		cleaner_text(&m->cleaner, &request, text);
		sendlog_say(
		    MANAGER_LOG_FD, "warning: qmail-clean unable to clean up ", text, "");
		break;
	case CLEAN_DONE:
		break;
	}
	if (request.kind == CLEAN_TODO)
		preprocess_cleaned(m, &request, answer == CLEAN_DONE);
}

/* --- the loop ------------------------------------------------------------------------------- */

enum {
	POLL_SIGNALS,
	POLL_TRIGGER,
	POLL_CLEANER,
	POLL_REPORTS,
	POLL_COMMANDS = POLL_REPORTS + CHANNELS,
	POLL_INJECTIONS = POLL_COMMANDS + CHANNELS,
	POLL_COUNT = POLL_INJECTIONS + MANAGER_INJECTIONS
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
		duequeue_bring_forward(&m->channels[kind].due, back);
	duequeue_bring_forward(&m->finished, back);
	duequeue_bring_forward(&m->doubtful, back);
	m->preprocess.next -= back;
	m->sweep.next -= back;
}

/* Milliseconds until something is to be done without anybody asking.  What waits for a free slot or
 * an answer is not counted: its end wakes us. */
static int
time_to_wait(const struct manager *m)
{
	int64_t at = m->preprocess.next;
	int kind;

	if (m->exiting)
		return -1;
	if (preprocess_is_busy(m) || sweep_is_busy(m))
		return 0;
	if (at <= m->now) /* waits for qmail-clean */
		at = m->now + MANAGER_TODO_AFTER;
	if (m->sweep.next > m->now && m->sweep.next < at)
		at = m->sweep.next;
	if (finish_can_work(m))
		at = sooner_of(at, &m->finished);
	at = sooner_of(at, &m->doubtful);
	for (kind = 0; kind < CHANNELS; kind++) {
		const struct channel *c = &m->channels[kind];

		if (c->running < c->limit && spawner_is_ready(&c->spawner))
			at = sooner_of(at, &c->due);
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
		read_clean_answer(m);
	for (i = 0; i < CHANNELS; i++) {
		if (list[POLL_COMMANDS + i].revents &&
		    spawner_flush(&m->channels[i].spawner) < 0)
			manager_lost_spawner(m, i);
		if (list[POLL_REPORTS + i].revents)
			attempts_read_reports(m, i);
	}
	for (i = 0; i < MANAGER_INJECTIONS; i++)
		if (list[POLL_INJECTIONS + i].revents)
			finish_injected(m, &m->injections[i]);
}

static void
do_what_is_due(struct manager *m)
{
	int64_t boottime = os_boottime_ms() / 1000;
	int kind;

	preprocess_do(m);
	for (kind = 0; kind < CHANNELS; kind++)
		attempts_fill(m, kind);
	if (m->exiting)
		return;
	finish_do(m);
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
	startup_scan(m);
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

static void
channel_free(struct channel *c)
{
	unsigned i;

	/* Deliveries are left only if their spawner was lost. */
	for (i = 0; i < c->limit; i++) {
		struct job *job = c->deliveries[i].job;

		str_free(&c->deliveries[i].recipient);
		if (!job || --job->users > 0)
			continue;
		str_free(&job->sender);
		mem_free(job);
	}
	mem_free(c->deliveries);
	duequeue_free(&c->due);
	spawner_free(&c->spawner);
}

void
manager_free(struct manager *m)
{
	int kind;

	for (kind = 0; kind < CHANNELS; kind++)
		channel_free(&m->channels[kind]);
	duequeue_free(&m->finished);
	duequeue_free(&m->doubtful);
	sendsettings_free(&m->settings);
	if (m->preprocess.dir)
		closedir(m->preprocess.dir);
	if (m->sweep.dir)
		closedir(m->sweep.dir);
	fd_close(&m->signal_fd);
	fd_close(&m->mutex_fd);
}
