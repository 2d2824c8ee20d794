#include "config/domainmap.h"

#include <stdint.h>

#include "lib/ascii.h"
#include "lib/mem.h"

struct domainmap_slot {
	struct view name;
	struct domainmap_hit hit;
	bool used;
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
static struct domainmap_slot *
slot_of(const struct domainmap *map, struct view name)
{
	size_t i = hash_of(name) & (map->size - 1);

	while (map->slots[i].used && !view_equal_nocase(map->slots[i].name, name))
		i = (i + 1) & (map->size - 1);
	return &map->slots[i];
}

void
domainmap_make(struct domainmap *map, const struct control_list *list, char separator)
{
	size_t i;

	*map = (struct domainmap) { 0 };
	if (list->count == 0)
		return;
	for (map->size = 4; map->size < 2 * list->count; map->size *= 2)
		continue;
	map->slots = mem_alloc_zeroed(map->size, sizeof *map->slots);
	for (i = 0; i < list->count; i++) {
		struct view name = list->entries[i].text, value = { "", 0 };
		struct domainmap_slot *slot;

		if (separator && !view_cut(name, separator, &name, &value))
			continue;
		slot = slot_of(map, name);
		*slot = (struct domainmap_slot) { name, { value, list->entries[i].line },
			true };
	}
}

void
domainmap_free(struct domainmap *map)
{
	mem_free(map->slots);
	*map = (struct domainmap) { 0 };
}

bool
domainmap_find(const struct domainmap *map, struct view name, struct domainmap_hit *hit)
{
	const struct domainmap_slot *slot;

	if (map->size == 0)
		return false;
	slot = slot_of(map, name);
	if (slot->used && hit)
		*hit = slot->hit;
	return slot->used;
}

bool
domainmap_find_suffix(
    const struct domainmap *map, struct view domain, struct domainmap_hit *hit)
{
	struct view rest = domain;

	while (rest.len > 0) {
		struct view after = view_from(rest, 1);

		if (domainmap_find(map, rest, hit))
			return true;
		rest = view_from(after, view_index(after, '.'));
	}
	return false;
}
