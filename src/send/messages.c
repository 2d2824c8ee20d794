#include "send/messages.h"

#include "lib/mem.h"

enum { FIRST_SIZE = 64, FIRST_SLOTS = 256 };

static uint32_t
first_slot(const struct messages *m, uint64_t id)
{
	return (uint32_t)(id * 0x9e3779b97f4a7c15u >> 32) & (m->slot_count - 1);
}

static uint32_t
next_slot(const struct messages *m, uint32_t slot)
{
	return (slot + 1) & (m->slot_count - 1);
}

/* The slot of the message, or the free one where it would be. */
static uint32_t
find_slot(const struct messages *m, uint64_t id)
{
	uint32_t slot = first_slot(m, id);

	while (m->slots[slot] && m->list[m->slots[slot] - 1].id != id)
		slot = next_slot(m, slot);
	return slot;
}

uint32_t
messages_find(const struct messages *m, uint64_t id)
{
	uint32_t entry = m->slot_count ? m->slots[find_slot(m, id)] : 0;

	return entry ? entry - 1 : MESSAGES_NONE;
}

struct message *
messages_at(const struct messages *m, uint32_t index)
{
	return &m->list[index];
}

/* At most three quarters of the slots are taken. */
static void
make_slots(struct messages *m)
{
	uint32_t i;

	if (m->slot_count && m->count < m->slot_count / 4 * 3)
		return;
	m->slot_count = m->slot_count ? m->slot_count * 2 : FIRST_SLOTS;
	mem_free(m->slots);
	m->slots = mem_alloc_zeroed(m->slot_count, sizeof *m->slots);
	for (i = 0; i < m->used; i++)
		if (m->list[i].used)
			m->slots[find_slot(m, m->list[i].id)] = i + 1;
}

static uint32_t
take_record(struct messages *m)
{
	uint32_t index = m->spare;

	if (index) {
		m->spare = m->list[index - 1].channels[0].link;
		return index - 1;
	}
	if (m->used == m->size) {
		m->size = m->size ? m->size * 2 : FIRST_SIZE;
		m->list = mem_resize(m->list, m->size * sizeof *m->list);
	}
	return m->used++;
}

uint32_t
messages_add(struct messages *m, uint64_t id, int64_t birth)
{
	uint32_t index = take_record(m);

	m->list[index] =
	    (struct message) { .id = id, .birth = messages_time(birth), .used = true };
	m->count++;
	make_slots(m);
	m->slots[find_slot(m, id)] = index + 1;
	return index;
}

/* What stands behind a slot that becomes free may have been put there because that was taken. */
static void
close_gap(struct messages *m, uint32_t gap)
{
	uint32_t slot = gap, mask = m->slot_count - 1;

	for (;;) {
		uint32_t home;

		m->slots[gap] = 0;
		do {
			slot = next_slot(m, slot);
			if (!m->slots[slot])
				return;
			home = first_slot(m, m->list[m->slots[slot] - 1].id);
		} while (((slot - home) & mask) < ((slot - gap) & mask));
		m->slots[gap] = m->slots[slot];
		gap = slot;
	}
}

void
messages_remove(struct messages *m, uint32_t index)
{
	close_gap(m, find_slot(m, m->list[index].id));
	m->list[index] = (struct message) { .channels = { { .link = m->spare } } };
	m->spare = index + 1;
	m->count--;
}

struct message *
messages_next(const struct messages *m, uint32_t *cursor)
{
	while (*cursor < m->used)
		if (m->list[(*cursor)++].used)
			return &m->list[*cursor - 1];
	return NULL;
}

uint32_t
messages_time(int64_t at)
{
	if (at < 0)
		return 0;
	return at > UINT32_MAX ? UINT32_MAX : (uint32_t)at;
}

void
messages_free(struct messages *m)
{
	mem_free(m->list);
	mem_free(m->slots);
	*m = (struct messages) { 0 };
}
