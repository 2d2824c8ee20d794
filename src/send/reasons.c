#include "send/reasons.h"

#include "lib/mem.h"

static struct reason *
slot_of(const struct reasons *r, uint64_t id, enum channel_kind kind, uint64_t offset)
{
	uint64_t h = id * 0x9E3779B97F4A7C15u ^
	    (offset * CHANNELS + (uint64_t)kind) * 0xC2B2AE3D27D4EB4Fu;

	return &r->slots[(h ^ h >> 29) % REASONS_SLOTS];
}

void
reasons_note(struct reasons *r, uint64_t id, enum channel_kind kind, uint64_t offset,
    int64_t now, struct view text)
{
	struct reason *slot;

	if (!r->slots)
		r->slots = mem_alloc_zeroed(REASONS_SLOTS, sizeof *r->slots);
	slot = slot_of(r, id, kind, offset);
	slot->id = id;
	slot->offset = offset;
	slot->kind = kind;
	slot->at = now;
	str_set(&slot->text, view_first(view_trim_right(text), REASONS_TEXT_MAX));
}

const struct reason *
reasons_find(const struct reasons *r, uint64_t id, enum channel_kind kind,
    uint64_t offset, int64_t birth)
{
	const struct reason *slot = r->slots ? slot_of(r, id, kind, offset) : NULL;

	if (!slot || slot->id != id || slot->kind != kind || slot->offset != offset ||
	    slot->text.len == 0 || slot->at < birth)
		return NULL;
	return slot;
}

void
reasons_free(struct reasons *r)
{
	size_t i;

	for (i = 0; r->slots && i < REASONS_SLOTS; i++)
		str_free(&r->slots[i].text);
	mem_free(r->slots);
	r->slots = NULL;
}
