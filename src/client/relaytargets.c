#include "client/relaytargets.h"

#include <string.h>

/* They are told apart by their preference, as exchangers are. */
static void
append(const struct targets_search *s, struct targets *all, struct targets *more,
    const struct relay *relay, uint16_t preference)
{
	struct target *list;
	size_t i;

	for (i = 0; i < more->count; i++) {
		more->list[i].port = relay->port;
		more->list[i].implicit_tls = relay->implicit_tls;
		more->list[i].preference = preference;
	}
	list = arena_alloc(s->mem, (all->count + more->count) * sizeof *list);
	if (all->count > 0)
		memcpy(list, all->list, all->count * sizeof *list);
	memcpy(list + all->count, more->list, more->count * sizeof *list);
	all->list = list;
	all->count += more->count;
}

enum targets_result
relaytargets_find(const struct targets_search *search, const struct relaylist *relays,
    const size_t *order, size_t count, struct targets *out)
{
	enum targets_result failure = TARGETS_FOUND;
	struct targets_search s = *search;
	struct targets all = { 0 };
	size_t i;

	for (i = 0; i < count && all.count < search->limit; i++) {
		const struct relay *relay = &relays->relays[order[i]];
		/* A copy: the targets may outlive the route. */
		struct view name = arena_copy(s.mem, str_view(&relay->name));
		struct targets more;
		enum targets_result result;

		s.limit = search->limit - all.count;
		result = targets_of_relay(&s, name, &more);
		if (result == TARGETS_FOUND)
			append(&s, &all, &more, relay, (uint16_t)i);
		else if (failure == TARGETS_FOUND || result == TARGETS_SOFT)
			failure = result;
	}
	if (all.count == 0)
		return failure;
	*out = all;
	return TARGETS_FOUND;
}
