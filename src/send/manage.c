#include "send/manage.h"

#include "send/pending.h"

static struct message_channel *
place_of(const struct manager *m, enum channel_kind kind, uint32_t index)
{
	return &messages_at(&m->messages, index)->channels[kind];
}

/* One that is being ended is no more. */
static uint32_t
find(const struct manager *m, uint64_t id)
{
	uint32_t index = messages_find(&m->messages, id);

	return index == MESSAGES_NONE || messages_at(&m->messages, index)->ending
	    ? MESSAGES_NONE
	    : index;
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
	uint32_t index = find(m, id);

	if (index == MESSAGES_NONE)
		return false;
	messages_at(&m->messages, index)->held = true;
	look_again(m);
	return true;
}

bool
manage_release(struct manager *m, uint64_t id)
{
	uint32_t index = find(m, id);
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
make_urgent(struct manager *m, uint32_t index)
{
	int kind;

	for (kind = 0; kind < CHANNELS; kind++) {
		struct message_channel *place = place_of(m, kind, index);

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
	uint32_t index = find(m, id);

	if (index == MESSAGES_NONE)
		return false;
	make_urgent(m, index);
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
