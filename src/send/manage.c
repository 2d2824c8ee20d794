#include "send/manage.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/fd.h"
#include "send/bounce.h"
#include "send/pending.h"
#include "send/records.h"
#include "send/release.h"

enum { BOUNCE_TEXT = 65536 }; /* octets that are appended to bounce/N at a time */

static struct message_channel *
place_of(const struct manager *m, enum channel_kind kind, uint32_t index)
{
	return &messages_at(&m->messages, index)->channels[kind];
}

/* Jobs that were found to be blocked are looked at again. */
static void
look_again(struct manager *m)
{
	int kind;

	for (kind = 0; kind < CHANNELS; kind++)
		m->channels[kind].changes++;
}

bool
manage_hold(struct manager *m, uint64_t id)
{
	uint32_t index = messages_find(&m->messages, id);

	if (index == MESSAGES_NONE)
		return false;
	messages_at(&m->messages, index)->held = true;
	look_again(m);
	return true;
}

bool
manage_release(struct manager *m, uint64_t id)
{
	uint32_t index = messages_find(&m->messages, id);
	int kind;

	if (index == MESSAGES_NONE)
		return false;
	messages_at(&m->messages, index)->held = false;
	for (kind = 0; kind < CHANNELS; kind++)
		if (place_of(m, kind, index)->place == MESSAGE_WAITING)
			pending_wait(m, kind, index, m->now);
	look_again(m);
	return true;
}

/* Wherever it waits: it is its sender's next turn. */
static void
make_urgent(struct manager *m, uint32_t index, bool last)
{
	int kind;

	for (kind = 0; kind < CHANNELS; kind++) {
		struct message_channel *place = place_of(m, kind, index);

		place->last = place->last || last;
		if (place->place == MESSAGE_NOWHERE || place->place == MESSAGE_ACTIVE)
			continue;
		place->urgent = true;
		pending_take_out(m, kind, index);
		pending_wait(m, kind, index, m->now);
	}
}

bool
manage_retry(struct manager *m, uint64_t id)
{
	uint32_t index = messages_find(&m->messages, id);

	if (index == MESSAGES_NONE)
		return false;
	make_urgent(m, index, false);
	return true;
}

bool
manage_expire(struct manager *m, uint64_t id)
{
	uint32_t index = messages_find(&m->messages, id);

	if (index == MESSAGES_NONE)
		return false;
	make_urgent(m, index, true);
	return true;
}

bool
manage_resume(struct manager *m, struct view host)
{
	struct channel *c = &m->channels[CHANNEL_REMOTE];
	struct destination *one = destinations_find(&c->destinations, host);

	if (!one)
		return false;
	if (destination_is_suspended(&one->window, m->now))
		one->window.opens = m->now;
	destinations_call(&c->destinations, one);
	look_again(m);
	return true;
}

/* --- the end of a message ------------------------------------------------------------------- */

/* What is to become of the recipients that are not done. */
struct ending {
	struct manager *m;
	enum channel_kind kind;
	uint64_t id;
	const struct view *reason;            /* for the bounce; NULL: none */
	struct str text;                      /* of the bounce, so far */
	uint64_t offsets[RECORDS_BUFFER / 4]; /* of recipients in it */
	size_t count;
};

/* Is a delivery of it running?  Then its report decides. */
static bool
is_running(const struct ending *e, uint64_t offset)
{
	const struct channel *c = &e->m->channels[e->kind];
	unsigned i;

	for (i = 0; i < c->spawner.slots; i++) {
		const struct delivery *d = &c->deliveries[i];

		if (d->job && d->job->id == e->id && d->recipient->offset == offset)
			return true;
	}
	return false;
}

/* The bounce is on disk before the marks. */
static int
settle(struct ending *e, int fd)
{
	size_t i;

	if (e->text.len > 0 &&
	    bounce_append_text(&e->m->layout, e->id, str_view(&e->text)) < 0)
		return -1;
	str_clear(&e->text);
	for (i = 0; i < e->count; i++)
		if (pwrite(fd, "D", 1, (off_t)e->offsets[i]) != 1)
			return -1;
	e->count = 0;
	return 0;
}

static int
settle_record(struct ending *e, int fd, const struct records *records, struct view record)
{
	if (record.len == 0 || record.at[0] != 'T' || is_running(e, records->offset))
		return 0;
	if (e->reason)
		bouncetext_recipient(&e->text,
		    route_strip_prefix(&e->m->settings.routes, view_from(record, 1)),
		    *e->reason);
	e->offsets[e->count++] = records->offset;
	if (e->text.len < BOUNCE_TEXT &&
	    e->count < sizeof e->offsets / sizeof *e->offsets)
		return 0;
	return settle(e, fd);
}

static int
settle_records(struct ending *e, int fd)
{
	enum records_status status;
	struct records records;
	struct view record;
	int result = 0;

	records_init(&records, fd);
	while (result == 0 && (status = records_next(&records, &record)) == RECORDS_OK)
		result = settle_record(e, fd, &records, record);
	if (result == 0 && (status == RECORDS_END || status == RECORDS_OK))
		result = settle(e, fd);
	else
		result = -1;
	str_free(&e->text);
	return result;
}

/* 0, or -1 when a warning was logged. */
static int
settle_channel(
    struct manager *m, enum channel_kind kind, uint64_t id, const struct view *reason)
{
	struct ending ending = { .m = m, .kind = kind, .id = id, .reason = reason };
	enum layout_dir dir = manager_channel_dir(kind);
	char path[NAME_MAX_OCTETS];
	int fd, result;

	layout_path(&m->layout, dir, id, path);
	fd = openat(m->layout.fd, path, O_RDWR | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	result = fd < 0 ? -1 : settle_records(&ending, fd);
	fd_close(&fd);
	if (result < 0)
		manager_warn(m, "unable to end ", dir, id, "; recipients are left");
	return result;
}

/* A job in memory has read recipients that are settled now; what runs is to be the last of them. */
static void
end_job(struct manager *m, enum channel_kind kind, uint64_t id, bool dying)
{
	struct channel *c = &m->channels[kind];
	unsigned i;

	for (i = 0; i < c->spawner.slots; i++)
		if (c->deliveries[i].job && c->deliveries[i].job->id == id) {
			c->deliveries[i].job->dying |= dying;
			c->deliveries[i].job->spared = false;
		}
}

static enum answer
end_message(struct manager *m, uint64_t id, const struct view *reason)
{
	uint32_t index = messages_find(&m->messages, id);
	int kind;

	if (index == MESSAGES_NONE)
		return ANSWER_NO;
	messages_at(&m->messages, index)->held = false;
	for (kind = 0; kind < CHANNELS; kind++) {
		struct message_channel *place = place_of(m, kind, index);

		if (place->place == MESSAGE_NOWHERE)
			continue;
		if (settle_channel(m, kind, id, reason) < 0)
			return ANSWER_ERROR;
		if (place->place == MESSAGE_ACTIVE) {
			place->settled = true;
			end_job(m, kind, id, reason != NULL);
			continue;
		}
		pending_take_out(m, kind, index);
		release_channel(m, kind, index);
	}
	look_again(m);
	return ANSWER_YES;
}

enum answer
manage_bounce(struct manager *m, uint64_t id, struct view text)
{
	return end_message(m, id, &text);
}

enum answer
manage_remove(struct manager *m, uint64_t id)
{
	uint32_t index = messages_find(&m->messages, id);
	char path[NAME_MAX_OCTETS];

	if (index == MESSAGES_NONE)
		return ANSWER_NO;
	messages_at(&m->messages, index)->dropped = true;
	layout_path(&m->layout, LAYOUT_BOUNCE, id, path);
	if (unlinkat(m->layout.fd, path, 0) < 0 && errno != ENOENT) {
		manager_warn(m, "unable to unlink ", LAYOUT_BOUNCE, id, "");
		return ANSWER_ERROR;
	}
	return end_message(m, id, NULL);
}
