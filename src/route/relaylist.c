#include "route/relaylist.h"

#include "dns/shuffle.h"
#include "lib/scan.h"

/* No word at all is as good as what is there already. */
static bool
take_number(struct view *rest, uint16_t *out)
{
	struct view word = view_next_word(rest);
	uint64_t number;

	if (word.len == 0)
		return true;
	if (!scan_whole_u64(word, &number) || number > UINT16_MAX)
		return false;
	*out = (uint16_t)number;
	return true;
}

static bool
parse_relay(struct view word, const struct route_value *usual, struct route_value *out)
{
	struct route_value v;

	if (!route_parse(word, usual->protocol, &v) || v.relay.len == 0 ||
	    view_index(word, '|') < word.len)
		return false;
	if (!v.has_port) {
		v.port = usual->port;
		v.implicit_tls = v.implicit_tls || usual->implicit_tls;
	}
	*out = v;
	return true;
}

bool
relaylist_add_line(struct relaylist *list, struct view line,
    const struct route_value *usual, struct route_value *value)
{
	struct view rest = line, word = view_next_word(&rest);
	struct relay relay = { .weight = 1 };
	struct route_value v;

	if (list->count == RELAYLIST_MAX || !parse_relay(word, usual, &v) ||
	    !take_number(&rest, &relay.order) || !take_number(&rest, &relay.weight) ||
	    view_trim_left(rest).len > 0)
		return false;
	relay.port = v.port;
	relay.implicit_tls = v.implicit_tls;
	str_set(&relay.name, v.relay);
	list->relays[list->count++] = relay;
	if (value)
		*value = v;
	return true;
}

/* Of those not yet taken, the lowest order. */
static uint16_t
lowest_order(const struct relaylist *list, const bool *taken)
{
	uint16_t lowest = UINT16_MAX;
	size_t i;

	for (i = 0; i < list->count; i++)
		if (!taken[i] && list->relays[i].order < lowest)
			lowest = list->relays[i].order;
	return lowest;
}

/* One of that order: a draw in which each has as many lots as its weight. */
static size_t
draw(const struct relaylist *list, const bool *taken, uint64_t *seed)
{
	uint16_t order = lowest_order(list, taken);
	size_t i, lots = 0, chosen = list->count, lot;

	for (i = 0; i < list->count; i++)
		if (!taken[i] && list->relays[i].order == order)
			lots += list->relays[i].weight;
	lot = lots > 0 ? shuffle_below(seed, lots) : 0;
	for (i = 0; i < list->count; i++) {
		if (taken[i] || list->relays[i].order != order ||
		    (lots > 0 && list->relays[i].weight == 0))
			continue;
		chosen = i;
		if (lot < list->relays[i].weight)
			break;
		lot -= list->relays[i].weight;
	}
	return chosen;
}

void
relaylist_order(const struct relaylist *list, uint64_t seed, size_t order[RELAYLIST_MAX])
{
	bool taken[RELAYLIST_MAX] = { false };
	size_t i;

	for (i = 0; i < list->count; i++) {
		order[i] = draw(list, taken, &seed);
		taken[order[i]] = true;
	}
}

void
relaylist_free(struct relaylist *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		str_free(&list->relays[i].name);
	list->count = 0;
}
