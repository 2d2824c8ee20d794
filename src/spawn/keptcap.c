#include "spawn/keptcap.h"

#include "lib/mem.h"

/* A destination that has borne this many is as good as any, where there is no limit. */
enum { ENOUGH = 60 };

static struct keptcap_entry *
find(const struct keptcap *c, struct view destination)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (view_equal(str_view(&c->entries[i].destination), destination))
			return &c->entries[i];
	return NULL;
}

static void
forget(struct keptcap *c, struct keptcap_entry *e)
{
	str_free(&e->destination);
	*e = c->entries[--c->count];
}

static void
forget_oldest(struct keptcap *c)
{
	struct keptcap_entry *oldest = c->entries;
	size_t i;

	for (i = 1; i < c->count; i++)
		if (c->entries[i].since_ms < oldest->since_ms)
			oldest = &c->entries[i];
	forget(c, oldest);
}

static struct keptcap_entry *
append(struct keptcap *c, struct view destination)
{
	struct keptcap_entry *e;

	if (!c->entries)
		c->entries = mem_alloc_zeroed(KEPTCAP_MAX, sizeof *c->entries);
	if (c->count == KEPTCAP_MAX)
		forget_oldest(c);
	e = &c->entries[c->count++];
	*e = (struct keptcap_entry) { .bears = 0 };
	str_set(&e->destination, destination);
	return e;
}

void
keptcap_refused(
    struct keptcap *c, struct view destination, uint64_t connections, int64_t now_ms)
{
	struct keptcap_entry *e = find(c, destination);

	if (!e)
		e = append(c, destination);
	e->bears = connections > 1 ? connections - 1 : 1;
	e->since_ms = now_ms;
}

uint64_t
keptcap_limit(struct keptcap *c, struct view destination, uint64_t usual, int64_t now_ms)
{
	struct keptcap_entry *e = find(c, destination);
	uint64_t limit;

	if (!e)
		return usual;
	limit = e->bears + (uint64_t)((now_ms - e->since_ms) / KEPTCAP_GROW_MS);
	if (limit < (usual > 0 ? usual : ENOUGH))
		return limit;
	forget(c, e);
	return usual;
}

void
keptcap_free(struct keptcap *c)
{
	while (c->count > 0)
		forget(c, &c->entries[c->count - 1]);
	mem_free(c->entries);
	*c = (struct keptcap) { 0 };
}
