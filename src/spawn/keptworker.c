#include "spawn/keptworker.h"

static struct view
route_of(const struct kept_worker *w)
{
	return (struct view) { (const char *)w->route, sizeof w->route };
}

/* 0: it cannot fit. */
static int
likeness(const struct kept_worker *w, const struct kept_wish *wish)
{
	bool same_host = view_equal_nocase(str_view(&w->host), wish->host);

	if (w->refused == wish->serial)
		return 0;
	if (wish->route.len > 0)
		return view_equal(route_of(w), wish->route);
	if (!same_host && !w->relayed)
		return 0;
	return 1 + 2 * same_host + view_equal(str_view(&w->sender), wish->sender);
}

size_t
kept_choose(const struct kept_worker *list, size_t count, const struct kept_wish *wish)
{
	size_t i, best = count;
	int like, most = 0;

	for (i = 0; i < count; i++) {
		if (list[i].state != KEPT_PARKED)
			continue;
		like = likeness(&list[i], wish);
		if (like == 0 || like < most)
			continue;
		if (like > most || list[i].since_ms > list[best].since_ms)
			best = i;
		most = like;
	}
	return best;
}

static bool
is_settling(const struct kept_worker *w)
{
	size_t i;

	for (i = 0; i < w->job_count && w->reported[i]; i++)
		continue;
	return w->state == KEPT_BUSY && i == w->job_count;
}

size_t
kept_settling(const struct kept_worker *list, size_t count, const struct kept_wish *wish)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (is_settling(&list[i]) && likeness(&list[i], wish) > 0 &&
		    (list[i].expected == 0 || list[i].expected == wish->serial))
			break;
	return i;
}

static bool
goes_to(const struct kept_worker *w, struct view destination)
{
	return destination.len == 0 || view_equal(str_view(&w->destination), destination);
}

size_t
kept_connections(const struct kept_worker *list, size_t count, struct view destination)
{
	size_t i, found = 0;

	for (i = 0; i < count; i++)
		found += goes_to(&list[i], destination) &&
		    (list[i].state == KEPT_OFFERED || list[i].state == KEPT_BUSY ||
			list[i].state == KEPT_PARKED);
	return found;
}

static size_t
parked(const struct kept_worker *list, size_t count, struct view destination)
{
	size_t i, found = 0;

	for (i = 0; i < count; i++)
		found += list[i].state == KEPT_PARKED && goes_to(&list[i], destination);
	return found;
}

size_t
kept_oldest_parked(const struct kept_worker *list, size_t count, struct view destination)
{
	size_t i, oldest = count;

	for (i = 0; i < count; i++)
		if (list[i].state == KEPT_PARKED && goes_to(&list[i], destination) &&
		    (oldest == count || list[i].since_ms < list[oldest].since_ms))
			oldest = i;
	return oldest;
}

/* The moment from which on a parked worker is of no use. */
static int64_t
expiry_ms(const struct kept_worker *w, const struct keptsettings *settings)
{
	int64_t idle = w->since_ms + 1000 * (int64_t)settings->idle;
	int64_t age = w->opened_ms + 1000 * (int64_t)settings->age;

	return idle < age ? idle : age;
}

size_t
kept_expired(const struct kept_worker *list, size_t count,
    const struct keptsettings *settings, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (list[i].state == KEPT_PARKED &&
		    (list[i].messages >= settings->messages ||
			expiry_ms(&list[i], settings) <= now_ms))
			break;
	return i;
}

/* Is it one of more than may wait for its destination? */
static bool
is_too_many(const struct kept_worker *list, size_t count, const struct kept_worker *w)
{
	return w->state == KEPT_PARKED &&
	    parked(list, count, str_view(&w->destination)) > KEPT_PARKED_PER_HOST;
}

size_t
kept_surplus(const struct kept_worker *list, size_t count,
    const struct keptsettings *settings, int64_t now_ms)
{
	size_t i, oldest;

	if (parked(list, count, VIEW("")) > settings->sessions)
		return kept_oldest_parked(list, count, VIEW(""));
	for (i = 0; i < count; i++) {
		if (!is_too_many(list, count, &list[i]))
			continue;
		oldest = kept_oldest_parked(list, count, str_view(&list[i].destination));
		if (now_ms - list[oldest].since_ms >= KEPT_BETWEEN_MS)
			return oldest;
	}
	return count;
}

bool
kept_waited_enough(const struct kept_worker *w, int64_t now_ms)
{
	return now_ms - w->since_ms >= KEPT_HELD_MS;
}

/* The moment from which on a worker that says nothing hangs. */
static int64_t
patience_ms(const struct kept_worker *w, const struct keptsettings *settings)
{
	switch (w->state) {
	case KEPT_ASKED:
	case KEPT_OFFERED:
		return w->since_ms + KEPT_PLAN_MS;
	case KEPT_BUSY:
		return w->since_ms +
		    (is_settling(w)
			    ? KEPT_SETTLE_MS
			    : 1000 * (int64_t)settings->delivery + KEPT_DELIVERY_MS);
	case KEPT_NONE:
	case KEPT_HELD:
	case KEPT_PARKED:
		break;
	}
	return INT64_MAX;
}

size_t
kept_hanging(const struct kept_worker *list, size_t count,
    const struct keptsettings *settings, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!list[i].killed && patience_ms(&list[i], settings) <= now_ms)
			break;
	return i;
}

static int64_t
due_ms(const struct kept_worker *list, size_t count, const struct kept_worker *w,
    const struct keptsettings *settings)
{
	if (is_too_many(list, count, w) &&
	    w->since_ms + KEPT_BETWEEN_MS < expiry_ms(w, settings))
		return w->since_ms + KEPT_BETWEEN_MS;
	if (w->state == KEPT_PARKED)
		return expiry_ms(w, settings);
	if (w->state == KEPT_HELD)
		return w->since_ms + KEPT_HELD_MS;
	return w->killed ? INT64_MAX : patience_ms(w, settings);
}

int64_t
kept_next_ms(
    const struct kept_worker *list, size_t count, const struct keptsettings *settings)
{
	int64_t next = INT64_MAX, due;
	size_t i;

	for (i = 0; i < count; i++) {
		due = due_ms(list, count, &list[i], settings);
		next = due < next ? due : next;
	}
	return next;
}
