#include "send/ending.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/mem.h"
#include "send/bounce.h"
#include "send/pending.h"
#include "send/records.h"
#include "send/release.h"

enum { BOUNCE_TEXT = 65536 }; /* octets that are appended to bounce/N at a time */

struct ending {
	uint64_t id;
	const struct view *reason;
	bool was_held;
	bool spared[CHANNELS]; /* recipients of which deliveries run */
	int kind;              /* the channel that is walked through */
	int fd;                /* its file; -1: not opened yet */
	struct records records;
	struct str text; /* of the bounce, so far */
	uint64_t offsets[ENDING_RECORDS];
	size_t count; /* of recipients in it */
};

/* The message; NULL if it came to its end meanwhile. */
static struct message *
message_of(const struct manager *m, const struct ending *e)
{
	uint32_t index = messages_find(&m->messages, e->id);
	struct message *message =
	    index == MESSAGES_NONE ? NULL : messages_at(&m->messages, index);

	return message && message->ending ? message : NULL;
}

/* --- recipients ----------------------------------------------------------------------------------- */

/* Is a delivery of it running?  Then its report decides. */
static bool
is_running(const struct manager *m, const struct ending *e, uint64_t offset)
{
	const struct channel *c = &m->channels[e->kind];
	unsigned i;

	if (message_of(m, e)->channels[e->kind].place != MESSAGE_ACTIVE)
		return false;
	for (i = 0; i < c->spawner.slots; i++) {
		const struct delivery *d = &c->deliveries[i];

		if (d->job && d->job->id == e->id && d->recipient->offset == offset)
			return true;
	}
	return false;
}

/* The bounce is on disk before the marks. */
static int
settle(const struct manager *m, struct ending *e)
{
	size_t i;

	if (e->text.len > 0 &&
	    bounce_append_text(&m->layout, e->id, str_view(&e->text)) < 0)
		return -1;
	str_clear(&e->text);
	for (i = 0; i < e->count; i++)
		if (pwrite(e->fd, "D", 1, (off_t)e->offsets[i]) != 1)
			return -1;
	e->count = 0;
	return 0;
}

static void
take_record(const struct manager *m, struct ending *e, struct view record)
{
	if (record.len == 0 || record.at[0] != 'T')
		return;
	if (is_running(m, e, e->records.offset)) {
		e->spared[e->kind] = true;
		return;
	}
	if (e->reason)
		bouncetext_recipient(&e->text,
		    route_strip_prefix(&m->settings.routes, view_from(record, 1)),
		    *e->reason);
	e->offsets[e->count++] = e->records.offset;
}

/* ENDING_DONE: the channel is through. */
static enum ending_step
settle_some(const struct manager *m, struct ending *e)
{
	enum records_status status = RECORDS_OK;
	struct view record;
	int i;

	for (i = 0; i < ENDING_RECORDS && e->text.len < BOUNCE_TEXT; i++) {
		status = records_next(&e->records, &record);
		if (status != RECORDS_OK)
			break;
		take_record(m, e, record);
	}
	if ((status != RECORDS_OK && status != RECORDS_END) || settle(m, e) < 0)
		return ENDING_FAILED;
	return status == RECORDS_END ? ENDING_DONE : ENDING_MORE;
}

static enum ending_step
settle_channel(const struct manager *m, struct ending *e)
{
	char path[NAME_MAX_OCTETS];

	if (message_of(m, e)->channels[e->kind].place == MESSAGE_NOWHERE)
		return ENDING_DONE;
	if (e->fd < 0) {
		layout_path(&m->layout, manager_channel_dir(e->kind), e->id, path);
		e->fd = openat(m->layout.fd, path, O_RDWR | O_CLOEXEC);
		if (e->fd < 0)
			return errno == ENOENT ? ENDING_DONE : ENDING_FAILED;
		records_init(&e->records, e->fd);
	}
	return settle_some(m, e);
}

/* --- the message ---------------------------------------------------------------------------------- */

/* Jobs that were found to be blocked are looked at again. */
static void
look_again(struct manager *m)
{
	int kind;

	for (kind = 0; kind < CHANNELS; kind++)
		m->channels[kind].changes++;
}

/* What runs is to be the last of them. */
static void
end_jobs(struct manager *m, uint64_t id, bool dying)
{
	int kind;
	unsigned i;

	for (kind = 0; kind < CHANNELS; kind++)
		for (i = 0; i < m->channels[kind].spawner.slots; i++) {
			struct job *job = m->channels[kind].deliveries[i].job;

			if (!job || job->id != id)
				continue;
			job->dying = job->dying || dying;
			job->spared = false;
		}
}

static int
drop_bounce(struct manager *m, uint64_t id)
{
	char path[NAME_MAX_OCTETS];

	layout_path(&m->layout, LAYOUT_BOUNCE, id, path);
	if (unlinkat(m->layout.fd, path, 0) == 0 || errno == ENOENT)
		return 0;
	manager_warn(m, "unable to unlink ", LAYOUT_BOUNCE, id, "");
	return -1;
}

struct ending *
ending_begin(struct manager *m, uint64_t id, const struct view *reason)
{
	uint32_t index = messages_find(&m->messages, id);
	struct message *message;
	struct ending *e;

	if (index == MESSAGES_NONE || messages_at(&m->messages, index)->ending)
		return NULL;
	message = messages_at(&m->messages, index);
	e = mem_alloc_zeroed(1, sizeof *e);
	e->id = id;
	e->reason = reason;
	e->fd = -1;
	e->was_held = message->held;
	message->ending = message->held = true;
	message->dropped = message->dropped || !reason;
	end_jobs(m, id, reason != NULL);
	look_again(m);
	return e;
}

/* A job in memory has read recipients that are settled now.  Where deliveries ran meanwhile, the file says what
 * became of them. */
static void
release(struct manager *m, const struct ending *e, int kind)
{
	uint32_t index = messages_find(&m->messages, e->id);
	struct message_channel *place = &message_of(m, e)->channels[kind];

	if (place->place == MESSAGE_NOWHERE)
		return;
	if (place->place == MESSAGE_ACTIVE) {
		place->settled = true;
		return;
	}
	pending_take_out(m, kind, index);
	if (e->spared[kind])
		pending_wait(m, kind, index, m->now);
	else
		release_channel(m, kind, index);
}

static enum ending_step
come_to_end(struct manager *m, struct ending *e)
{
	struct message *message = message_of(m, e);
	int kind;

	message->held = false;
	for (kind = 0; kind < CHANNELS; kind++)
		release(m, e, kind);
	message->ending = false;
	look_again(m);
	return ENDING_DONE;
}

/* It goes on where it was. */
static enum ending_step
give_up(struct manager *m, struct ending *e)
{
	uint32_t index = messages_find(&m->messages, e->id);
	struct message *message = message_of(m, e);
	int kind;

	message->ending = false;
	message->held = e->was_held;
	for (kind = 0; kind < CHANNELS && !message->held; kind++)
		if (message->channels[kind].place == MESSAGE_WAITING)
			pending_wait(m, kind, index, message->channels[kind].at);
	look_again(m);
	return ENDING_FAILED;
}

enum ending_step
ending_go_on(struct manager *m, struct ending *e)
{
	if (!message_of(m, e))
		return ENDING_DONE;
	if (!e->reason && e->kind == 0 && e->fd < 0 && drop_bounce(m, e->id) < 0)
		return give_up(m, e);
	switch (settle_channel(m, e)) {
	case ENDING_MORE:
		return ENDING_MORE;
	case ENDING_FAILED:
		manager_warn(m, "unable to end ", manager_channel_dir(e->kind), e->id,
		    "; recipients are left");
		return give_up(m, e);
	case ENDING_DONE:
		break;
	}
	fd_close(&e->fd);
	return ++e->kind < CHANNELS ? ENDING_MORE : come_to_end(m, e);
}

void
ending_free(struct ending *e)
{
	if (!e)
		return;
	fd_close(&e->fd);
	str_free(&e->text);
	mem_free(e);
}
