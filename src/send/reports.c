#include "send/reports.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/fd.h"
#include "os/os.h"
#include "send/bounce.h"
#include "send/deliveries.h"
#include "send/pending.h"
#include "send/schedule.h"
#include "send/sendlog.h"
#include "wire/waittext.h"

int
reports_mark(
    const struct manager *m, enum channel_kind kind, uint64_t id, uint64_t offset)
{
	enum layout_dir dir = manager_channel_dir(kind);
	char path[NAME_MAX_OCTETS];
	bool marked;
	int fd;

	layout_path(&m->layout, dir, id, path);
	fd = openat(m->layout.fd, path, O_WRONLY | O_CLOEXEC);
	marked = fd >= 0 && pwrite(fd, "D", 1, (off_t)offset) == 1;
	fd_close(&fd);
	if (!marked)
		manager_warn(
		    m, "trouble marking ", dir, id, "; message will be delivered twice!");
	return marked ? 0 : -1;
}

static void
log_result(uint64_t number, enum delivery_result result, struct view text)
{
	static const char *const words[] = {
		[DELIVERY_MANGLED] = ": report mangled, will defer",
		[DELIVERY_SUCCESS] = ": success: ",
		[DELIVERY_FAILURE] = ": failure: ",
		[DELIVERY_DEFERRAL] = ": deferral: ",
	};
	struct sendlog_line line = { { 0 } };

	sendlog_text(&line, "delivery ");
	sendlog_number(&line, number);
	sendlog_text(&line, words[result]);
	if (result != DELIVERY_MANGLED)
		sendlog_safe(&line, text);
	sendlog_end(&line, MANAGER_LOG_FD);
}

/* Does the recipient only wait for a route? */
static bool
is_waiting(enum channel_kind kind, struct view report, int64_t *until)
{
	return kind == CHANNEL_REMOTE && report.len > 0 && report.at[0] == 'Z' &&
	    waittext_find(view_from(report, 1), until);
}

/* Then the message is tried when that opens. */
static bool
waits_for_route(const struct manager *m, struct job *job, struct view report)
{
	int64_t until;

	if (!is_waiting(job->kind, report, &until))
		return false;
	until = schedule_believed(until, m->now);
	if (job->opens == 0 || until < job->opens)
		job->opens = until;
	return true;
}

/* A failure's reason must be on disk before the recipient is marked. */
static bool
is_noted(const struct manager *m, const struct job *job, struct view recipient,
    struct view text)
{
	if (bounce_append(&m->layout, &m->settings.routes, job->id, recipient, text) == 0)
		return true;
	sendlog_say(MANAGER_LOG_FD,
	    "alert: ", "unable to append to bounce message; HELP! sleeping...", "");
	return false;
}

void
reports_settle(struct manager *m, struct job *job, const struct job_recipient *recipient,
    uint64_t number, struct str *report)
{
	bool dropped = messages_at(&m->messages, job->message)->dropped;
	bool waits = waits_for_route(m, job, str_view(report)), done;
	enum delivery_result result =
	    deliveryreport_judge(report, job->dying && !(waits && job->spared));
	struct view text = view_from(str_view(report), 1);

	log_result(number, result, text);
	done = result == DELIVERY_SUCCESS || dropped ||
	    (result == DELIVERY_FAILURE &&
		is_noted(m, job, str_view(&recipient->address), text));
	if (!done) {
		reasons_note(&m->desk.reasons, job->id, job->kind, recipient->offset,
		    m->now, text);
		job->others = job->others || !waits;
		return;
	}
	/* Even if that fails: what is in memory is not tried again at once. */
	reports_mark(m, job->kind, job->id, recipient->offset);
	job->left--;
}

static void
log_suspension(const struct destination *where, int64_t now)
{
	struct sendlog_line line = { { 0 } };

	sendlog_text(&line, "warning: mail for ");
	sendlog_safe(&line, str_view(&where->name));
	sendlog_text(&line, " waits ");
	sendlog_number(&line, (uint64_t)(where->window.opens - now));
	sendlog_text(&line, " seconds: ");
	sendlog_safe(&line, view_from(str_view(&where->reason), 1));
	sendlog_end(&line, MANAGER_LOG_FD);
}

void
reports_tell(
    struct manager *m, struct channel *c, struct destination *where, struct view report)
{
	enum destination_news news = destination_judge(report);
	int64_t until;
	uint32_t random;

	if (c == &m->channels[CHANNEL_LOCAL] ||
	    is_waiting(CHANNEL_REMOTE, report, &until))
		return;
	os_random(&random, sizeof random);
	if (!destination_tell(&where->window, news, deliveries_most(m, c, where), m->now,
		random, (uint32_t)m->settings.host_pause))
		return;
	str_set(&where->reason, view_first(report, DESTINATIONS_REASON_MAX));
	destinations_suspended(&c->destinations, where);
	pending_expire(m, CHANNEL_REMOTE, where);
	log_suspension(where, m->now);
}
