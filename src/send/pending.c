#include "send/pending.h"

static struct message_channel *
place_of(const struct manager *m, enum channel_kind kind, uint32_t index)
{
	return &messages_at(&m->messages, index)->channels[kind];
}

static unsigned
class_of(const struct message_channel *place)
{
	return place->retried ? CLASS_RETRIED : CLASS_FRESH;
}

void
pending_wait(struct manager *m, enum channel_kind kind, uint32_t index, int64_t at)
{
	struct message_channel *place = place_of(m, kind, index);

	place->place = MESSAGE_WAITING;
	place->at = messages_time(at);
	/* One that is held comes back by its release. */
	if (!messages_at(&m->messages, index)->held)
		duequeue_add(&m->channels[kind].due, place->at, index);
}

void
pending_ready(struct manager *m, enum channel_kind kind, uint32_t index)
{
	struct message_channel *place = place_of(m, kind, index);

	place->place = MESSAGE_READY;
	fairqueue_add(
	    &m->channels[kind].classes[class_of(place)].ready, &m->messages, kind, index);
}

void
pending_arrived(struct manager *m, enum channel_kind kind, uint32_t index)
{
	struct message_channel *place = place_of(m, kind, index);

	*place = (struct message_channel) { .at = messages_time(m->now) };
	pending_ready(m, kind, index);
}

static bool
is_last_attempt(const struct manager *m, uint32_t index)
{
	const struct message *message = messages_at(&m->messages, index);

	return m->now > message->birth &&
	    (uint64_t)(m->now - message->birth) > m->settings.lifetime;
}

/* Its destination of last time, if that is suspended: then its file need not be read to know. */
static struct destination *
suspended_host(const struct manager *m, enum channel_kind kind, uint32_t index)
{
	const struct message *message = messages_at(&m->messages, index);
	struct destination *one;

	if (kind != CHANNEL_REMOTE || message->host == 0 ||
	    message->channels[kind].urgent || is_last_attempt(m, index))
		return NULL;
	one = destinations_find_hash(&m->channels[kind].destinations, message->host);
	return one && destination_is_suspended(&one->window, m->now) ? one : NULL;
}

/* An entry is of nobody if the message was put somewhere else meanwhile. */
static bool
is_current(const struct manager *m, enum channel_kind kind, const struct due *due)
{
	uint32_t index = (uint32_t)due->id;
	const struct message *message = messages_at(&m->messages, index);

	return message->used && !message->held &&
	    message->channels[kind].place == MESSAGE_WAITING &&
	    message->channels[kind].at == due->at;
}

void
pending_do(struct manager *m, enum channel_kind kind)
{
	struct channel *c = &m->channels[kind];
	const struct due *first;

	while ((first = duequeue_first(&c->due)) && first->at <= m->now) {
		uint32_t index = (uint32_t)first->id;
		bool current = is_current(m, kind, first);
		struct destination *host;

		duequeue_drop_first(&c->due);
		if (!current)
			continue;
		host = suspended_host(m, kind, index);
		if (host)
			destinations_park(
			    &c->destinations, host, &m->messages, kind, index);
		else
			pending_ready(m, kind, index);
	}
}

void
pending_expire(struct manager *m, enum channel_kind kind, struct destination *where)
{
	struct channel *c = &m->channels[kind];
	uint32_t i, count = where->parked.count;

	for (i = 0; i < count; i++) {
		uint32_t index =
		    destinations_unpark(&c->destinations, where, &m->messages, kind);

		if (is_last_attempt(m, index))
			pending_ready(m, kind, index);
		else
			destinations_park(
			    &c->destinations, where, &m->messages, kind, index);
	}
}

/* The heap anew, of those that wait. */
static void
wait_anew(struct manager *m, enum channel_kind kind)
{
	const struct message *message;
	uint32_t cursor = 0;

	duequeue_free(&m->channels[kind].due);
	while ((message = messages_next(&m->messages, &cursor)))
		if (message->channels[kind].place == MESSAGE_WAITING && !message->held)
			duequeue_add(&m->channels[kind].due, message->channels[kind].at,
			    cursor - 1);
}

void
pending_all_due(struct manager *m, enum channel_kind kind)
{
	const struct message *message;
	uint32_t cursor = 0;

	while ((message = messages_next(&m->messages, &cursor)))
		if (message->channels[kind].place == MESSAGE_WAITING)
			place_of(m, kind, cursor - 1)->at = messages_time(m->now);
	wait_anew(m, kind);
	destinations_open_all(&m->channels[kind].destinations, m->now);
}

void
pending_bring_forward(struct manager *m, enum channel_kind kind, int64_t seconds)
{
	const struct message *message;
	uint32_t cursor = 0;

	while ((message = messages_next(&m->messages, &cursor))) {
		struct message_channel *place = place_of(m, kind, cursor - 1);

		place->at = messages_time((int64_t)place->at - seconds);
	}
	wait_anew(m, kind);
	destinations_bring_forward(&m->channels[kind].destinations, seconds);
}

void
pending_take_out(struct manager *m, enum channel_kind kind, uint32_t index)
{
	struct message_channel *place = place_of(m, kind, index);
	struct channel *c = &m->channels[kind];

	switch ((enum message_place)place->place) {
	case MESSAGE_NOWHERE:
	case MESSAGE_ACTIVE:
		return;
	case MESSAGE_WAITING: /* its entry is nobody's then */
		break;
	case MESSAGE_READY:
		fairqueue_remove(
		    &c->classes[class_of(place)].ready, &m->messages, kind, index);
		break;
	case MESSAGE_PARKED:
		destinations_take_out(&c->destinations, &m->messages, kind, index);
		c->changes++; /* nobody may be left for whom others stand back */
	}
	place->place = MESSAGE_NOWHERE;
}

bool
pending_is_active(const struct manager *m, uint64_t id)
{
	uint32_t index = messages_find(&m->messages, id);

	return index != MESSAGES_NONE &&
	    (place_of(m, CHANNEL_LOCAL, index)->place == MESSAGE_ACTIVE ||
		place_of(m, CHANNEL_REMOTE, index)->place == MESSAGE_ACTIVE);
}

int64_t
pending_next(const struct channel *c)
{
	const struct due *first = duequeue_first(&c->due);
	const struct due *opening = duequeue_first(&c->destinations.openings);
	int64_t at = first ? first->at : INT64_MAX;

	return opening && opening->at < at ? opening->at : at;
}
