#include "delivery/attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "delivery/bounce.h"
#include "delivery/messageinfo.h"
#include "delivery/schedule.h"
#include "delivery/sendlog.h"
#include "delivery/verp.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "wire/waittext.h"

static const char *const kind_names[CHANNELS] = { "local", "remote" };
static const int64_t steps[CHANNELS] = { SCHEDULE_LOCAL_STEP, SCHEDULE_REMOTE_STEP };

/* --- jobs ----------------------------------------------------------------------------------- */

static bool
is_file_absent(const struct manager *m, enum layout_dir dir, uint64_t id)
{
	char path[NAME_MAX_OCTETS];
	struct stat st;

	layout_path(&m->layout, dir, id, path);
	return fstatat(m->layout.fd, path, &st, 0) < 0 && errno == ENOENT;
}

/* Every recipient of the channel is done: its file goes, and with the last one the message. */
static void
end_channel(struct manager *m, const struct job *job)
{
	enum channel_kind other =
	    job->kind == CHANNEL_LOCAL ? CHANNEL_REMOTE : CHANNEL_LOCAL;
	enum layout_dir dir = manager_channel_dir(job->kind);
	char path[NAME_MAX_OCTETS];

	layout_path(&m->layout, dir, job->id, path);
	if (unlinkat(m->layout.fd, path, 0) < 0 && errno != ENOENT) {
		manager_warn(
		    m, "unable to unlink ", dir, job->id, "; will try again later");
		duequeue_add(
		    &m->channels[job->kind].due, m->now + MANAGER_RETRY, job->id);
		return;
	}
	if (is_file_absent(m, manager_channel_dir(other), job->id))
		duequeue_add(&m->finished, m->now, job->id);
}

static void
release_job(struct manager *m, struct job *job)
{
	if (--job->users > 0)
		return;
	if (job->walked && job->left == 0)
		end_channel(m, job);
	else
		duequeue_add(&m->channels[job->kind].due,
		    schedule_after(job->next, job->opens, job->others || !job->walked),
		    job->id);
	str_free(&job->sender);
	mem_free(job);
}

bool
attempts_know(const struct channel *c, uint64_t id)
{
	unsigned i;

	if ((c->walking && c->walking->id == id) || duequeue_has(&c->due, id))
		return true;
	for (i = 0; i < c->limit; i++)
		if (c->deliveries[i].job && c->deliveries[i].job->id == id)
			return true;
	return false;
}

/* --- walking a file ------------------------------------------------------------------------- */

static struct job *
make_job(const struct manager *m, enum channel_kind kind, uint64_t id,
    struct messageinfo *info)
{
	struct job *job = mem_alloc_zeroed(1, sizeof *job);

	job->id = id;
	job->kind = kind;
	job->users = 1;
	job->dying = m->now > info->birth &&
	    (uint64_t)(m->now - info->birth) > m->settings.lifetime;
	job->spared = schedule_may_wait(info->birth, m->now, m->settings.lifetime);
	job->next = schedule_next(info->birth, m->now, steps[kind]);
	job->sender = info->sender; /* ours now */
	return job;
}

static void
try_later(struct manager *m, enum channel_kind kind, uint64_t id, enum layout_dir dir)
{
	manager_warn(m, "unable to open ", dir, id, "; will try again later");
	duequeue_add(&m->channels[kind].due, m->now + MANAGER_RETRY, id);
}

/* Open the file of the message that is due first. */
static void
begin_walk(struct manager *m, enum channel_kind kind)
{
	struct channel *c = &m->channels[kind];
	uint64_t id = duequeue_first(&c->due)->id;
	struct messageinfo info = { 0 };
	char path[NAME_MAX_OCTETS];
	int fd;

	duequeue_drop_first(&c->due);
	if (messageinfo_read(&m->layout, id, &info) < 0) {
		try_later(m, kind, id, LAYOUT_INFO);
		return;
	}
	layout_path(&m->layout, manager_channel_dir(kind), id, path);
	fd = openat(m->layout.fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		try_later(m, kind, id, manager_channel_dir(kind));
		messageinfo_free(&info);
		return;
	}
	records_init(&c->records, fd);
	c->walking = make_job(m, kind, id, &info);
}

static void
end_walk(struct manager *m, struct channel *c, bool walked)
{
	struct job *job = c->walking;

	fd_close(&c->records.fd);
	c->walking = NULL;
	job->walked = walked;
	release_job(m, job);
}

static unsigned
free_slot(const struct channel *c)
{
	unsigned i;

	for (i = 0; i + 1 < c->limit && c->deliveries[i].job; i++)
		continue;
	return i;
}

static void
log_start(const struct manager *m, const struct delivery *d)
{
	struct sendlog_line line = { { 0 } };

	sendlog_text(&line, "starting delivery ");
	sendlog_number(&line, d->number);
	sendlog_text(&line, ": msg ");
	sendlog_number(&line, d->job->id);
	sendlog_text(&line, " to ");
	sendlog_text(&line, kind_names[d->job->kind]);
	sendlog_text(&line, " ");
	sendlog_safe(&line, str_view(&d->recipient));
	sendlog_end(&line, MANAGER_LOG_FD);
	manager_log_status(m);
}

static void
start_delivery(struct manager *m, struct channel *c, struct view recipient)
{
	unsigned slot = free_slot(c);
	struct delivery *d = &c->deliveries[slot];
	struct job *job = c->walking;
	struct str sender = { 0 };
	char path[NAME_MAX_OCTETS];
	struct view messid;

	d->job = job;
	d->number = ++m->delivery_number;
	d->offset = c->records.offset;
	str_set(&d->recipient, recipient);
	job->users++;
	c->running++;
	log_start(m, d);
	layout_path(&m->layout, LAYOUT_MESS, job->id, path);
	view_cut(view_of(path), '/', &(struct view) { 0 }, &messid);
	verp_sender(&sender, str_view(&job->sender), recipient);
	if (spawner_command(&c->spawner, slot, messid, str_view(&sender), recipient) < 0)
		manager_lost_spawner(m, job->kind);
	str_free(&sender);
}

static void
walk_on(struct manager *m, struct channel *c)
{
	struct job *job = c->walking;
	struct view record;

	switch (records_next(&c->records, &record)) {
	case RECORDS_OK:
		if (record.len > 0 && record.at[0] == 'T') {
			job->left++;
			start_delivery(m, c, view_from(record, 1));
			return;
		}
		if (record.len > 0 && record.at[0] == 'D')
			return;
		manager_warn(m, "unknown record type in ", manager_channel_dir(job->kind),
		    job->id, "!");
		end_walk(m, c, false);
		return;
	case RECORDS_END:
		end_walk(m, c, true);
		return;
	case RECORDS_TOO_LONG:
	case RECORDS_ERROR:
		manager_warn(m, "trouble reading ", manager_channel_dir(job->kind),
		    job->id, "; will try again later");
		end_walk(m, c, false);
	}
}

void
attempts_fill(struct manager *m, enum channel_kind kind)
{
	struct channel *c = &m->channels[kind];

	while (!m->exiting && c->running < c->limit && spawner_is_ready(&c->spawner)) {
		const struct due *first = duequeue_first(&c->due);

		if (c->walking)
			walk_on(m, c);
		else if (first && first->at <= m->now)
			begin_walk(m, kind);
		else
			return;
	}
}

void
attempts_stop(struct manager *m, enum channel_kind kind)
{
	struct channel *c = &m->channels[kind];

	if (!c->walking)
		return;
	c->walking->next = m->now;
	end_walk(m, c, false);
}

/* --- reports -------------------------------------------------------------------------------- */

/* Write D over the T of the record.  Without fsync: at worst the delivery is repeated. */
static void
mark_done(const struct manager *m, const struct delivery *d)
{
	enum layout_dir dir = manager_channel_dir(d->job->kind);
	char path[NAME_MAX_OCTETS];
	int fd;

	layout_path(&m->layout, dir, d->job->id, path);
	fd = openat(m->layout.fd, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || pwrite(fd, "D", 1, (off_t)d->offset) != 1)
		manager_warn(m, "trouble marking ", dir, d->job->id,
		    "; message will be delivered twice!");
	fd_close(&fd);
	d->job->left--;
}

static void
log_result(const struct delivery *d, enum delivery_result result, struct view text)
{
	static const char *const words[] = {
		[DELIVERY_MANGLED] = ": report mangled, will defer",
		[DELIVERY_SUCCESS] = ": success: ",
		[DELIVERY_FAILURE] = ": failure: ",
		[DELIVERY_DEFERRAL] = ": deferral: ",
	};
	struct sendlog_line line = { { 0 } };

	sendlog_text(&line, "delivery ");
	sendlog_number(&line, d->number);
	sendlog_text(&line, words[result]);
	if (result != DELIVERY_MANGLED)
		sendlog_safe(&line, text);
	sendlog_end(&line, MANAGER_LOG_FD);
}

/* Does the recipient only wait for a route?  Then the message is tried when that opens. */
static bool
waits_for_route(const struct manager *m, struct job *job, const struct str *report)
{
	int64_t until;

	if (job->kind != CHANNEL_REMOTE || report->len == 0 || report->at[0] != 'Z' ||
	    !waittext_find(view_from(str_view(report), 1), &until))
		return false;
	until = schedule_believed(until, m->now);
	if (job->opens == 0 || until < job->opens)
		job->opens = until;
	return true;
}

static void
end_delivery(struct manager *m, struct channel *c, struct delivery *d, struct str *report)
{
	struct job *job = d->job;
	bool waits = waits_for_route(m, job, report);
	enum delivery_result result =
	    deliveryreport_judge(report, job->dying && !(waits && job->spared));
	struct view text = view_from(str_view(report), 1);

	job->others = job->others || (result != DELIVERY_SUCCESS && !waits);
	log_result(d, result, text);
	/* The reason of a failure must be on disk before the recipient is marked. */
	if (result == DELIVERY_FAILURE &&
	    bounce_append(&m->layout, &m->settings.routes, job->id,
		str_view(&d->recipient), text) < 0)
		sendlog_say(MANAGER_LOG_FD,
		    "alert: ", "unable to append to bounce message; HELP! sleeping...",
		    "");
	else if (result == DELIVERY_SUCCESS || result == DELIVERY_FAILURE)
		mark_done(m, d);
	str_free(&d->recipient);
	d->job = NULL;
	c->running--;
	release_job(m, job);
	manager_log_status(m);
}

void
attempts_read_reports(struct manager *m, enum channel_kind kind)
{
	struct channel *c = &m->channels[kind];
	struct deliveryreport_parser *parser = &c->spawner.parser;
	char buffer[4096];
	ssize_t got = fd_read(c->spawner.report_fd, buffer, sizeof buffer);
	struct view input = { buffer, got > 0 ? (size_t)got : 0 };

	if (got <= 0) {
		manager_lost_spawner(m, kind);
		return;
	}
	while (deliveryreport_next(parser, &input))
		if (parser->delnum >= c->limit || !c->deliveries[parser->delnum].job)
			sendlog_say(MANAGER_LOG_FD,
			    "warning: ", "internal error: delivery report out of range",
			    "");
		else
			end_delivery(m, c, &c->deliveries[parser->delnum], &parser->text);
}
