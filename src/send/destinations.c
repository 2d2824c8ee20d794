#include "send/destinations.h"

#include "lib/ascii.h"
#include "lib/mem.h"
#include "os/os.h"

enum { FIRST_SLOTS = 64 };

/* --- the table ------------------------------------------------------------------------------ */

/* Nobody outside can choose names that fall together, for he does not know the seed. */
static uint32_t
hash_of(const struct destinations *d, struct view name)
{
	uint64_t hash = d->seed;
	size_t i;

	for (i = 0; i < name.len; i++) {
		hash =
		    (hash ^ (unsigned char)ascii_lower(name.at[i])) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	return (uint32_t)(hash >> 32) | 1; /* 0 is none */
}

static struct destination **
slot_of(const struct destinations *d, uint32_t hash)
{
	return &d->slots[hash / 2 & (d->slot_count - 1)];
}

static void
grow(struct destinations *d)
{
	struct destination **old = d->slots;
	size_t old_count = d->slot_count, i;

	d->slot_count = old_count ? old_count * 2 : FIRST_SLOTS;
	d->slots = mem_alloc_zeroed(d->slot_count, sizeof *d->slots);
	for (i = 0; i < old_count; i++)
		while (old[i]) {
			struct destination *one = old[i], **slot = slot_of(d, one->hash);

			old[i] = one->chain;
			one->chain = *slot;
			*slot = one;
		}
	mem_free(old);
}

static struct destination *
find(const struct destinations *d, uint32_t hash, struct view name)
{
	struct destination *one = *slot_of(d, hash);

	while (
	    one && (one->hash != hash || !view_equal_nocase(str_view(&one->name), name)))
		one = one->chain;
	return one;
}

struct destination *
destinations_find(const struct destinations *d, struct view name)
{
	return d->slot_count ? find(d, hash_of(d, name), name) : NULL;
}

struct destination *
destinations_find_hash(const struct destinations *d, uint32_t hash)
{
	struct destination *one = d->slot_count ? *slot_of(d, hash) : NULL;

	while (one && one->hash != hash)
		one = one->chain;
	return one;
}

struct destination *
destinations_next(
    const struct destinations *d, size_t *cursor, const struct destination *last)
{
	if (last && last->chain)
		return last->chain;
	while (*cursor < d->slot_count)
		if (d->slots[(*cursor)++])
			return d->slots[*cursor - 1];
	return NULL;
}

/* --- forgetting ----------------------------------------------------------------------------- */

static bool
is_idle(const struct destination *one)
{
	return one->users == 0 && one->parked.count == 0;
}

static void
free_one(struct destination *one)
{
	fairqueue_free(&one->parked);
	str_free(&one->name);
	str_free(&one->reason);
	mem_free(one);
}

/* All that nothing is to be done for; what they bear is learnt again. */
static void
forget_idle(struct destinations *d)
{
	size_t i;

	for (i = 0; i < d->slot_count; i++) {
		struct destination **at = &d->slots[i];

		while (*at) {
			struct destination *one = *at;

			if (!is_idle(one)) {
				at = &one->chain;
				continue;
			}
			*at = one->chain;
			destinations_uncall(d, one);
			free_one(one);
			d->count--;
		}
	}
	d->idle = 0;
}

struct destination *
destinations_get(struct destinations *d, struct view name)
{
	struct destination *one, **slot;
	uint32_t hash;

	if (d->seed == 0)
		os_random(&d->seed, sizeof d->seed);
	hash = hash_of(d, name);
	one = d->slot_count ? find(d, hash, name) : NULL;
	if (one)
		return one;
	if (d->idle >= DESTINATIONS_IDLE_MAX)
		forget_idle(d);
	if (d->count >= d->slot_count)
		grow(d);
	one = mem_alloc_zeroed(1, sizeof *one);
	one->hash = hash;
	str_append_lower(&one->name, name);
	slot = slot_of(d, hash);
	one->chain = *slot;
	*slot = one;
	d->count++;
	d->idle++;
	return one;
}

/* --- what waits ----------------------------------------------------------------------------- */

void
destinations_use(struct destinations *d, struct destination *one)
{
	d->idle -= is_idle(one);
	one->users++;
}

void
destinations_release(struct destinations *d, struct destination *one)
{
	one->users--;
	d->idle += is_idle(one);
}

void
destinations_park(struct destinations *d, struct destination *one, struct messages *m,
    enum channel_kind kind, uint32_t index)
{
	struct message *message = messages_at(m, index);

	d->idle -= is_idle(one);
	message->channels[kind].place = MESSAGE_PARKED;
	if (kind == CHANNEL_REMOTE)
		message->host = one->hash;
	fairqueue_add(&one->parked, m, kind, index);
}

uint32_t
destinations_unpark(struct destinations *d, struct destination *one,
    const struct messages *m, enum channel_kind kind)
{
	uint32_t index = fairqueue_take(&one->parked, m, kind);

	if (index == MESSAGES_NONE)
		return index;
	if (one->parked.count == 0)
		fairqueue_free(&one->parked);
	d->idle += is_idle(one);
	return index;
}

void
destinations_take_out(struct destinations *d, const struct messages *m,
    enum channel_kind kind, uint32_t index)
{
	struct destination *one = NULL;
	size_t cursor = 0;

	while ((one = destinations_next(d, &cursor, one)))
		if (fairqueue_remove(&one->parked, m, kind, index)) {
			d->idle += is_idle(one);
			return;
		}
}

/* --- those that can be served --------------------------------------------------------------- */

void
destinations_call(struct destinations *d, struct destination *one)
{
	if (one->calling || one->parked.count == 0)
		return;
	one->calling = true;
	if (!d->calling) {
		d->calling = one->calling_next = one->calling_previous = one;
		return;
	}
	one->calling_next = d->calling; /* at the end of the ring */
	one->calling_previous = d->calling->calling_previous;
	one->calling_previous->calling_next = one;
	d->calling->calling_previous = one;
}

void
destinations_uncall(struct destinations *d, struct destination *one)
{
	if (!one->calling)
		return;
	one->calling = false;
	one->calling_previous->calling_next = one->calling_next;
	one->calling_next->calling_previous = one->calling_previous;
	if (d->calling == one)
		d->calling = one->calling_next == one ? NULL : one->calling_next;
}

void
destinations_call_all(struct destinations *d)
{
	struct destination *one = NULL;
	size_t cursor = 0;

	while ((one = destinations_next(d, &cursor, one)))
		destinations_call(d, one);
}

void
destinations_suspended(struct destinations *d, struct destination *one)
{
	destinations_use(d, one); /* until it is returned by destinations_opened() */
	duequeue_add(&d->openings, one->window.opens, (uint64_t)(uintptr_t)one);
}

struct destination *
destinations_opened(struct destinations *d, int64_t now)
{
	const struct due *first;

	while ((first = duequeue_first(&d->openings)) && first->at <= now) {
		struct destination *one = (struct destination *)(uintptr_t)first->id;

		duequeue_drop_first(&d->openings);
		destinations_release(d, one);
		if (!destination_is_suspended(&one->window, now))
			return one;
	}
	return NULL;
}

void
destinations_open_all(struct destinations *d, int64_t now)
{
	struct destination *one = NULL;
	size_t cursor = 0;

	while ((one = destinations_next(d, &cursor, one)))
		if (destination_is_suspended(&one->window, now)) {
			one->window.opens = now;
			destinations_suspended(d, one);
		}
}

void
destinations_bring_forward(struct destinations *d, int64_t seconds)
{
	struct destination *one = NULL;
	size_t cursor = 0;

	while ((one = destinations_next(d, &cursor, one)))
		if (one->window.opens)
			one->window.opens -= seconds;
	duequeue_bring_forward(&d->openings, seconds);
}

void
destinations_free(struct destinations *d)
{
	size_t i;

	for (i = 0; i < d->slot_count; i++)
		while (d->slots[i]) {
			struct destination *one = d->slots[i];

			d->slots[i] = one->chain;
			free_one(one);
		}
	mem_free(d->slots);
	duequeue_free(&d->openings);
	*d = (struct destinations) { 0 };
}
