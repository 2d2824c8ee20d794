#include "send/finish.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "send/bounce.h"
#include "send/messageinfo.h"
#include "send/pending.h"
#include "send/sendlog.h"

enum { ENTRIES = 100 }; /* per turn of the loop */

static void
later(struct manager *m, uint64_t id)
{
	duequeue_add(&m->finished, m->now + MANAGER_RETRY, id);
}

static int
remove_file(struct manager *m, enum layout_dir dir, uint64_t id)
{
	char path[NAME_MAX_OCTETS];

	layout_path(&m->layout, dir, id, path);
	if (unlinkat(m->layout.fd, path, 0) == 0 || errno == ENOENT)
		return 0;
	manager_warn(m, "unable to unlink ", dir, id, "; will try again later");
	later(m, id);
	return -1;
}

static void
forget(struct manager *m, uint64_t id)
{
	uint32_t index = messages_find(&m->messages, id);
	int kind;

	for (kind = 0; index != MESSAGES_NONE && kind < CHANNELS; kind++)
		pending_take_out(m, kind, index);
	if (index != MESSAGES_NONE)
		messages_remove(&m->messages, index);
}

/* Did somebody else remove it?  Then mess/N may be a new message's by now. */
static bool
is_taken_away(const struct manager *m, uint64_t id)
{
	char path[NAME_MAX_OCTETS];
	struct stat st;

	layout_path(&m->layout, LAYOUT_INFO, id, path);
	return fstatat(m->layout.fd, path, &st, 0) < 0 && errno == ENOENT;
}

/* The order matters: without info/N, mess/N is debris, which a sweep removes. */
static void
end_message(struct manager *m, uint64_t id)
{
	struct clean_request request = { .kind = CLEAN_FOOP, .id = id };

	if (is_taken_away(m, id)) {
		forget(m, id);
		return;
	}
	sendlog_about(MANAGER_LOG_FD, "end msg ", id, "");
	if (remove_file(m, LAYOUT_INFO, id) < 0)
		return;
	forget(m, id);
	manager_clean(m, &request);
}

static void
discard_bounce(struct manager *m, const char *why, uint64_t id)
{
	sendlog_about(MANAGER_LOG_FD, why, id, "");
	if (remove_file(m, LAYOUT_BOUNCE, id) == 0)
		end_message(m, id);
}

static struct injection *
free_injection(struct manager *m)
{
	int i;

	for (i = 0; i < MANAGER_INJECTIONS; i++)
		if (m->injections[i].pid == 0)
			return &m->injections[i];
	return NULL;
}

static void
start_injection(struct manager *m, uint64_t id, const struct messageinfo *info)
{
	struct injection *injection = free_injection(m);

	injection->pid = bounce_send(
	    &m->layout, &m->settings, id, info, m->now, &injection->result_fd);
	injection->id = id;
	if (injection->pid > 0)
		return;
	injection->pid = 0;
	sendlog_say(MANAGER_LOG_FD,
	    "warning: ", "unable to start qmail-queue, will try later", "");
	later(m, id);
}

static void
bounce_to_sender(struct manager *m, uint64_t id)
{
	struct messageinfo info = { 0 };
	enum bounce_kind kind;

	if (!free_injection(m)) {
		duequeue_add(&m->bounces, m->now, id);
		return;
	}
	if (messageinfo_read(&m->layout, id, &info) < 0) {
		manager_warn(
		    m, "unable to open ", LAYOUT_INFO, id, "; will try again later");
		later(m, id);
		return;
	}
	kind = bouncetext_kind(str_view(&info.sender));
	if (kind == BOUNCE_TRIPLE)
		discard_bounce(m, "triple bounce: discarding bounce/", id);
	else if (kind == BOUNCE_DOUBLE && m->settings.doublebounceto.len == 0)
		discard_bounce(m, "double bounce: discarding bounce/", id);
	else
		start_injection(m, id, &info);
	messageinfo_free(&info);
}

/* An attempt to note a failure leaves an empty file when the disk is full, or half a paragraph at a crash:
 * its recipient was tried again, and served. */
static void
bounce(struct manager *m, uint64_t id)
{
	int64_t size = bounce_size(&m->layout, id);

	if (size > 0) {
		bounce_to_sender(m, id);
	} else if (size == 0) {
		discard_bounce(m, "warning: it names nobody: discarding bounce/", id);
	} else {
		manager_warn(
		    m, "unable to open ", LAYOUT_BOUNCE, id, "; will try again later");
		later(m, id);
	}
}

static bool
has_recipients(struct manager *m, uint64_t id)
{
	char path[NAME_MAX_OCTETS];
	struct stat st;
	int kind;

	for (kind = 0; kind < CHANNELS; kind++) {
		layout_path(&m->layout, manager_channel_dir(kind), id, path);
		if (fstatat(m->layout.fd, path, &st, 0) == 0)
			return true;
		if (errno == ENOENT)
			continue;
		manager_warn(m, "unable to stat ", manager_channel_dir(kind), id,
		    "; will try again later");
		later(m, id);
		return true;
	}
	return false;
}

static void
finish_message(struct manager *m, uint64_t id)
{
	char path[NAME_MAX_OCTETS];
	struct stat st;

	if (has_recipients(m, id))
		return; /* the channel will say when it is through */
	if (pending_is_active(m, id)) {
		later(m, id); /* somebody else removed its files */
		return;
	}
	layout_path(&m->layout, LAYOUT_BOUNCE, id, path);
	if (fstatat(m->layout.fd, path, &st, 0) == 0) {
		bounce(m, id);
	} else if (errno == ENOENT) {
		end_message(m, id);
	} else {
		manager_warn(
		    m, "unable to stat ", LAYOUT_BOUNCE, id, "; will try again later");
		later(m, id);
	}
}

bool
finish_can_work(const struct manager *m)
{
	return !m->exiting && cleaner_room(&m->cleaner, CLEAN_FOOP) > 0;
}

/* Bounces that wait for a free child go as soon as there is one: its end has woken us. */
static void
do_bounces(struct manager *m)
{
	const struct due *first;

	while (finish_can_work(m) && free_injection(m) &&
	    (first = duequeue_first(&m->bounces))) {
		uint64_t id = first->id;

		duequeue_drop_first(&m->bounces);
		finish_message(m, id);
	}
}

void
finish_do(struct manager *m)
{
	const struct due *first;
	int i;

	do_bounces(m);
	for (i = 0; i < ENTRIES && finish_can_work(m) &&
	     (first = duequeue_first(&m->finished)) && first->at <= m->now;
	     i++) {
		uint64_t id = first->id;

		duequeue_drop_first(&m->finished);
		finish_message(m, id);
	}
}

static void
log_bounce(uint64_t id, uint64_t qp)
{
	struct sendlog_line line = { { 0 } };

	sendlog_text(&line, "bounce msg ");
	sendlog_number(&line, id);
	sendlog_text(&line, " qp ");
	sendlog_number(&line, qp);
	sendlog_end(&line, MANAGER_LOG_FD);
}

/* An admin removed it while its bounce was on the way. */
static bool
is_dropped(const struct manager *m, uint64_t id)
{
	uint32_t index = messages_find(&m->messages, id);

	return index != MESSAGES_NONE && messages_at(&m->messages, index)->dropped;
}

/* A queue program that refused it for as long as a message is tried will go on to do so. */
static bool
is_stale_bounce(const struct manager *m, uint64_t id)
{
	char path[NAME_MAX_OCTETS];
	struct stat st;

	layout_path(&m->layout, LAYOUT_BOUNCE, id, path);
	return fstatat(m->layout.fd, path, &st, 0) == 0 && m->now > st.st_mtime &&
	    (uint64_t)(m->now - st.st_mtime) > m->settings.lifetime;
}

void
finish_injected(struct manager *m, struct injection *injection)
{
	uint64_t id = injection->id, qp = 0;
	enum bounce_sent sent = bounce_result(injection->pid, &injection->result_fd, &qp);

	injection->pid = 0;
	if (sent == BOUNCE_SENT)
		log_bounce(id, qp);
	if (sent == BOUNCE_SENT || is_dropped(m, id)) {
		if (remove_file(m, LAYOUT_BOUNCE, id) == 0)
			duequeue_add(&m->finished, m->now, id);
		return;
	}
	if (sent == BOUNCE_REFUSED_FOR_GOOD && is_stale_bounce(m, id)) {
		discard_bounce(
		    m, "alert: the queue program refuses it: discarding bounce/", id);
		return;
	}
	sendlog_say(MANAGER_LOG_FD, "warning: ",
	    sent == BOUNCE_NOT_STARTED
		? "unable to start qmail-queue, will try later"
		: "trouble injecting bounce message, will try later",
	    "");
	later(m, id);
}
