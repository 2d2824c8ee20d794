#include "spawn/kepttraffic.h"

#include "lib/mem.h"

static size_t
find(const struct kepttraffic *t, struct view destination)
{
	size_t i = 0;

	while (i < t->count &&
	    !view_equal(str_view(&t->entries[i].destination), destination))
		i++;
	return i;
}

static void
forget_old(struct kepttraffic *t, int64_t now_ms)
{
	size_t i = 0;

	while (i < t->count)
		if (t->entries[i].last_ms < now_ms - KEPTTRAFFIC_MS) {
			str_free(&t->entries[i].destination);
			t->entries[i] = t->entries[--t->count];
		} else {
			i++;
		}
}

static void
append(struct kepttraffic *t, struct view destination)
{
	if (t->count == t->size) {
		t->size = t->size ? 2 * t->size : 16;
		t->entries = mem_resize(t->entries, t->size * sizeof *t->entries);
	}
	t->entries[t->count] =
	    (struct kepttraffic_entry) { .last_ms = INT64_MIN, .before_ms = INT64_MIN };
	str_set(&t->entries[t->count].destination, destination);
	t->count++;
}

void
kepttraffic_note(
    struct kepttraffic *t, struct view destination, int64_t arrived_ms, int64_t now_ms)
{
	struct kepttraffic_entry *e;
	size_t i;

	forget_old(t, now_ms);
	i = find(t, destination);
	if (i == t->count)
		append(t, destination);
	e = &t->entries[i];
	if (arrived_ms >= e->last_ms) {
		e->before_ms = e->last_ms;
		e->last_ms = arrived_ms;
	} else if (arrived_ms > e->before_ms) {
		e->before_ms = arrived_ms;
	}
}

bool
kepttraffic_is_busy(const struct kepttraffic *t, struct view destination,
    int64_t arrived_ms, int64_t now_ms)
{
	size_t i = find(t, destination);
	const struct kepttraffic_entry *e;

	if (i == t->count)
		return false;
	e = &t->entries[i];
	return (e->last_ms == arrived_ms ? e->before_ms : e->last_ms) >=
	    now_ms - KEPTTRAFFIC_MS;
}

void
kepttraffic_free(struct kepttraffic *t)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		str_free(&t->entries[i].destination);
	mem_free(t->entries);
	*t = (struct kepttraffic) { 0 };
}
