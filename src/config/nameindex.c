#include "config/nameindex.h"

#include <stdint.h>

#include "config/nameline.h"
#include "lib/ascii.h"
#include "lib/mem.h"

/* Of a line; its name starts where it does.  Small, because most of the price of a hash is touching
 * its memory the first time. */
struct nameindex_slot {
	uint32_t offset, name_len;
	uint32_t number; /* of the line, from 1; 0: the slot is free */
};

static uint32_t
hash_of(struct view name)
{
	uint32_t h = 2166136261U; /* FNV-1a */
	size_t i;

	for (i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)ascii_lower(name.at[i])) * 16777619U;
	return h;
}

/* The slot that holds `name`, or the free one where it would go. */
static struct nameindex_slot *
slot_of(const struct nameindex *index, struct view text, struct view name)
{
	size_t i = hash_of(name) & (index->size - 1);

	for (; index->slots[i].number; i = (i + 1) & (index->size - 1)) {
		const struct nameindex_slot *slot = &index->slots[i];

		if (view_equal_nocase(
			view_first(view_from(text, slot->offset), slot->name_len), name))
			break;
	}
	return &index->slots[i];
}

void
nameindex_make(struct nameindex *index, struct view text, char separator)
{
	size_t lines = nameline_count(text) + 1, offset = 0, number;

	for (index->size = 4; index->size < 2 * lines; index->size *= 2)
		continue;
	index->slots = mem_alloc_zeroed(index->size, sizeof *index->slots);
	for (number = 1; offset < text.len; number++) {
		struct view line = nameline_at(text, offset), name, value;

		if (nameline_parse(line, separator, &name, &value))
			*slot_of(index, text, name) =
			    (struct nameindex_slot) { (uint32_t)offset,
				    (uint32_t)name.len, (uint32_t)number };
		offset += line.len + 1;
	}
}

void
nameindex_free(struct nameindex *index)
{
	mem_free(index->slots);
	*index = (struct nameindex) { 0 };
}

bool
nameindex_find(const struct nameindex *index, struct view text, struct view name,
    size_t *offset, size_t *number)
{
	const struct nameindex_slot *slot = slot_of(index, text, name);

	if (!slot->number)
		return false;
	*offset = slot->offset;
	*number = slot->number;
	return true;
}
