#include "send/fairqueue.h"

#include "lib/ascii.h"
#include "lib/mem.h"

/* A list's or a user's: joe-lists-bounces-123, prvs=..., bounces+17. */
static struct view
without_extension(struct view local)
{
	size_t i;

	for (i = 1; i < local.len; i++)
		if (local.at[i] == '-' || local.at[i] == '+' || local.at[i] == '=')
			return view_first(local, i);
	return local;
}

static uint32_t
mix(uint32_t hash, struct view bytes)
{
	size_t i;

	for (i = 0; i < bytes.len; i++)
		hash = (hash ^ (unsigned char)ascii_lower(bytes.at[i])) * 16777619u;
	return hash;
}

uint32_t
fairqueue_sender(struct view sender)
{
	size_t at = view_rindex(sender, '@');
	uint32_t hash = mix(2166136261u, view_from(sender, at));

	hash = mix(hash, without_extension(view_first(sender, at)));
	return hash ^ hash >> 16;
}

unsigned
fairqueue_flow(const struct message *message)
{
	return message->sender % FAIRQUEUE_FLOWS;
}

static void
make_flows(struct fairqueue *q)
{
	int i;

	q->flows = mem_alloc(FAIRQUEUE_FLOWS * sizeof *q->flows);
	for (i = 0; i < FAIRQUEUE_FLOWS; i++)
		q->flows[i] = (struct fairqueue_flow) { MESSAGES_NONE, MESSAGES_NONE };
}

void
fairqueue_add(
    struct fairqueue *q, struct messages *m, enum channel_kind kind, uint32_t index)
{
	struct message *message = messages_at(m, index);
	struct fairqueue_flow *flow;

	if (!q->flows)
		make_flows(q);
	flow = &q->flows[fairqueue_flow(message)];
	message->channels[kind].link = MESSAGES_NONE;
	if (flow->first == MESSAGES_NONE)
		flow->first = index;
	else
		messages_at(m, flow->last)->channels[kind].link = index;
	flow->last = index;
	q->count++;
}

static uint32_t
unlink_first(struct fairqueue *q, const struct messages *m, enum channel_kind kind,
    struct fairqueue_flow *flow)
{
	uint32_t index = flow->first;

	flow->first = messages_at(m, index)->channels[kind].link;
	q->count--;
	return index;
}

uint32_t
fairqueue_take_from(
    struct fairqueue *q, const struct messages *m, enum channel_kind kind, unsigned flow)
{
	if (!q->flows || q->flows[flow].first == MESSAGES_NONE)
		return MESSAGES_NONE;
	return unlink_first(q, m, kind, &q->flows[flow]);
}

/* The flow whose turn it is; there must be one. */
static unsigned
next_flow(const struct fairqueue *q)
{
	unsigned flow = q->turn;

	while (q->flows[flow].first == MESSAGES_NONE)
		flow = (flow + 1) % FAIRQUEUE_FLOWS;
	return flow;
}

uint32_t
fairqueue_next(const struct fairqueue *q)
{
	return q->count ? q->flows[next_flow(q)].first : MESSAGES_NONE;
}

uint32_t
fairqueue_take(struct fairqueue *q, const struct messages *m, enum channel_kind kind)
{
	unsigned flow;

	if (q->count == 0)
		return MESSAGES_NONE;
	flow = next_flow(q);
	q->turn = (flow + 1) % FAIRQUEUE_FLOWS;
	return unlink_first(q, m, kind, &q->flows[flow]);
}

bool
fairqueue_remove(
    struct fairqueue *q, const struct messages *m, enum channel_kind kind, uint32_t index)
{
	struct fairqueue_flow *flow;
	uint32_t at, before = MESSAGES_NONE;

	if (q->count == 0)
		return false;
	flow = &q->flows[fairqueue_flow(messages_at(m, index))];
	for (at = flow->first; at != index && at != MESSAGES_NONE;
	     at = messages_at(m, at)->channels[kind].link)
		before = at;
	if (at == MESSAGES_NONE)
		return false;
	if (before == MESSAGES_NONE)
		return unlink_first(q, m, kind, flow), true;
	messages_at(m, before)->channels[kind].link =
	    messages_at(m, index)->channels[kind].link;
	if (flow->last == index)
		flow->last = before;
	q->count--;
	return true;
}

void
fairqueue_free(struct fairqueue *q)
{
	mem_free(q->flows);
	*q = (struct fairqueue) { 0 };
}
