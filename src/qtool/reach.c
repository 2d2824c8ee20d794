#define _GNU_SOURCE
#include "qtool/reach.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "wire/kinds.h"

enum {
	ANSWER_SECONDS = 60,
	ACT_SECONDS = 3600, /* a million recipients are returned between deliveries */
	MODE_BITS = 07777,
	START_TRIES = 30,
	START_PAUSE_MS = 100,
};

static const struct helper_name send_service = { QUEUECTL_SERVICE, NULL, NULL };

static int
fail(struct reach *r, const char *why, const char *more)
{
	str_set(&r->problem, view_of(why));
	str_append_text(&r->problem, more);
	return -1;
}

/* --- the one that runs ------------------------------------------------------------------------------------ */

/* 0 with *answer, which points into *room; -1 with r->problem. */
static int
ask(struct reach *r, const struct queuectl_request *request, struct str *room,
    struct frame *answer)
{
	struct str packet = { 0 };
	int result;

	queuectl_pack(&packet, request);
	result = helper_call(&r->helper, &send_service, &packet, NULL, 0,
	    deadline_in(request->kind == WIRE_QUEUE_DO ? ACT_SECONDS : ANSWER_SECONDS),
	    room, answer);
	str_free(&packet);
	if (result < 0)
		return fail(r, "qmail-send does not answer: ", r->helper.reason);
	frame_close_fds(answer);
	if (answer->status == FRAME_NO)
		return fail(r, "qmail-send answers root and its own user alone", "");
	if (answer->status != FRAME_OK)
		return fail(r, "qmail-send cannot do that; its log says why", "");
	return 0;
}

static int
live_states(struct reach *r, struct message *list, size_t count, reach_reason *reason,
    void *context)
{
	struct queuectl_request request = { .kind = WIRE_QUEUE_STATES, .count = count };
	struct str room = { 0 };
	struct queuectl_answer item;
	enum queuectl_item what;
	struct frame answer;
	size_t i, at = 0;

	for (i = 0; i < count; i++)
		request.keys[i] = (struct queuectl_key) { list[i].id, list[i].birth };
	if (ask(r, &request, &room, &answer) < 0)
		return str_free(&room), -1;
	while ((what = queuectl_next(&answer.fields, &item)) != QUEUECTL_END)
		if (what == QUEUECTL_STATE && at < count)
			list[at++].state = item.state;
		else if (what == QUEUECTL_REASON && at > 0 && reason)
			reason(context, at - 1, &item.reason);
	str_free(&room);
	return 0;
}

static int
live_do(struct reach *r, enum queuectl_verb verb, struct view text,
    const struct message *list, size_t count, enum queuectl_result *results)
{
	struct queuectl_request request = {
		.kind = WIRE_QUEUE_DO, .verb = verb, .count = count, .text = text
	};
	struct str room = { 0 };
	struct queuectl_answer item;
	struct frame answer;
	size_t i, at = 0;

	for (i = 0; i < count; i++) {
		request.keys[i] = (struct queuectl_key) { list[i].id, list[i].birth };
		results[i] = QUEUECTL_FAILED;
	}
	if (ask(r, &request, &room, &answer) < 0)
		return str_free(&room), -1;
	while (at < count && queuectl_next(&answer.fields, &item) == QUEUECTL_RESULT)
		results[at++] = item.result;
	str_free(&room);
	return 0;
}

static int
live_domain(struct reach *r, unsigned verb, struct view domain, reach_domain_each *each,
    void *context)
{
	struct queuectl_request request = {
		.kind = WIRE_QUEUE_DOMAIN, .verb = verb, .domain = domain
	};
	struct str room = { 0 };
	struct queuectl_answer item;
	struct frame answer;

	if (ask(r, &request, &room, &answer) < 0)
		return str_free(&room), -1;
	while (queuectl_next(&answer.fields, &item) == QUEUECTL_DOMAIN)
		each(context, item.domain);
	str_free(&room);
	return 0;
}

/* --- nobody runs ------------------------------------------------------------------------------------------ */

static int64_t
due(const struct layout *layout, enum layout_dir dir, uint64_t id)
{
	char path[NAME_MAX_OCTETS];
	struct stat st;

	layout_path(layout, dir, id, path);
	return fstatat(layout->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ? -1 : st.st_mtime;
}

/* At its end qmail-send has written to the files when each is due; while it runs, that is not up to date. */
static void
read_state(const struct reach *r, struct message *m)
{
	static const enum layout_dir dirs[] = { LAYOUT_LOCAL, LAYOUT_REMOTE };
	int i;

	m->state = (struct queuectl_state) { .known = r->how == REACH_STOPPED,
		.held = holds_message(&r->holds, m->id, m->birth) };
	for (i = 0; i < QUEUECTL_CHANNELS && m->state.known; i++) {
		int64_t at = due(r->layout, dirs[i], m->id);

		m->state.channels[i].place = at < 0 ? QUEUECTL_NOWHERE : QUEUECTL_WAITING;
		m->state.channels[i].at = at < 0 ? 0 : at;
	}
}

static int
stopped_domain(struct reach *r, unsigned verb, struct view domain,
    reach_domain_each *each, void *context)
{
	struct view rest, name;

	if (verb != 0 &&
	    stopped_hold_domain(&r->stopped, &r->holds, domain, verb == QUEUECTL_HOLD) <
		0)
		return fail(r, HOLDS_DOMAINS ": ", strerror(errno));
	rest = str_view(&r->holds.domains);
	while (view_cut(rest, '\0', &name, &rest))
		each(context, name);
	return 0;
}

/* --- either ----------------------------------------------------------------------------------------------- */

int
reach_states(struct reach *r, struct message *list, size_t count, reach_reason *reason,
    void *context)
{
	size_t i;

	if (r->how == REACH_LIVE)
		return live_states(r, list, count, reason, context);
	for (i = 0; i < count; i++)
		read_state(r, &list[i]);
	return 0;
}

int
reach_do(struct reach *r, enum queuectl_verb verb, struct view text,
    const struct message *list, size_t count, enum queuectl_result *results)
{
	size_t i;

	if (r->how == REACH_LIVE)
		return live_do(r, verb, text, list, count, results);
	for (i = 0; i < count; i++) {
		results[i] = stopped_do(&r->stopped, r->layout, verb, text, &list[i]);
		if (results[i] == QUEUECTL_FAILED)
			return fail(r, "unable to change its files: ", strerror(errno));
	}
	return 0;
}

int
reach_domain(struct reach *r, unsigned verb, struct view domain, reach_domain_each *each,
    void *context)
{
	if (verb != 0 && !holds_is_domain(domain))
		return fail(r, "that is no domain", "");
	return r->how == REACH_LIVE ? live_domain(r, verb, domain, each, context)
				    : stopped_domain(r, verb, domain, each, context);
}

static int
open_mutex(const struct reach *r, int how)
{
	return openat(
	    r->layout->fd, "lock/sendmutex", how | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

/* Who has the lock?  0: we, now.  Where a disk went read-only, the queue can still be looked at. */
static int
try_lock(struct reach *r, bool act)
{
	struct stat st;

	r->mutex_fd = open_mutex(r, O_WRONLY);
	if (r->mutex_fd < 0 && errno == EROFS && !act)
		r->mutex_fd = open_mutex(r, O_RDONLY);
	if (r->mutex_fd < 0)
		return fail(r, "unable to open queue/lock/sendmutex: ", strerror(errno));
	if (flock(r->mutex_fd, LOCK_EX | LOCK_NB) == 0) {
		if (fstat(r->mutex_fd, &st) == 0 && (st.st_mode & MODE_BITS) == 0)
			return fail(
			    r, "a repair was cut short: run qmail-qrepair -r", "");
		r->how = REACH_STOPPED;
		return 0;
	}
	if (errno != EWOULDBLOCK)
		return fail(r, "unable to lock queue/lock/sendmutex: ", strerror(errno));
	r->how = REACH_BLIND;
	return 0;
}

/* A qmail-send that has just been started has the lock before it answers; another qmail-q gives it back
 * soon. */
static int
find_out(struct reach *r, bool act)
{
	bool patient = act || access("run/" QUEUECTL_SERVICE, F_OK) == 0;
	int tries;

	for (tries = 0;; tries++) {
		if (helper_is_resident(QUEUECTL_SERVICE)) {
			r->how = REACH_LIVE;
			return 0;
		}
		if (try_lock(r, act) < 0)
			return -1;
		if (r->how == REACH_STOPPED || !patient || tries == START_TRIES)
			return 0;
		fd_close(&r->mutex_fd);
		poll(NULL, 0, START_PAUSE_MS);
	}
}

int
reach_open(struct reach *r, const struct layout *layout, bool act)
{
	*r = (struct reach) { .layout = layout, .mutex_fd = -1 };
	helper_init(&r->helper);
	if (find_out(r, act) < 0)
		return -1;
	if (r->how == REACH_LIVE)
		return 0;
	if (act && r->how == REACH_BLIND)
		return fail(r,
		    "the qmail-send that runs cannot be asked (run/send/sock): stop it "
		    "first",
		    "");
	if (act && stopped_know_users(&r->stopped) < 0)
		return fail(r, "the users of the queue are missing", "");
	if (!act)
		fd_close(&r->mutex_fd);
	if (holds_read(&r->holds) < 0)
		return fail(r, "unable to read state/send: ", strerror(errno));
	return 0;
}

void
reach_close(struct reach *r)
{
	helper_close(&r->helper);
	fd_close(&r->mutex_fd);
	holds_free(&r->holds);
	str_free(&r->problem);
}
