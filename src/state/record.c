#include "state/record.h"

#include "lib/pack.h"

enum { CLOCK_SLACK = 3600 }; /* seconds that the clock may go back without harm */

void
record_pack(struct str *out, const struct record *record)
{
	pack_add(out, record->first, 8);
	pack_add(out, record->last, 8);
	pack_add(out, record->until, 8);
	pack_add(out, record->count, 4);
	pack_add(out, record->previous, 4);
	str_append(out, record->value);
}

bool
record_parse(struct view bytes, struct record *out)
{
	struct record r;
	uint64_t count, previous;

	if (!pack_take(&bytes, 8, &r.first) || !pack_take(&bytes, 8, &r.last) ||
	    !pack_take(&bytes, 8, &r.until) || !pack_take(&bytes, 4, &count) ||
	    !pack_take(&bytes, 4, &previous) || bytes.len > RECORD_VALUE_MAX)
		return false;
	r.count = (uint32_t)count;
	r.previous = (uint32_t)previous;
	r.value = bytes;
	*out = r;
	return true;
}

bool
record_is_live(const struct record *record, uint64_t now)
{
	return now < record->until && record->last <= now + CLOCK_SLACK &&
	    record->first <= now + CLOCK_SLACK;
}

uint64_t
record_age(uint64_t then, uint64_t now)
{
	return now > then ? now - then : 0;
}

bool
record_roll(struct record *record, uint32_t window, bool sliding, uint64_t now)
{
	uint64_t age = record_age(record->first, now);

	if (age < window)
		return true;
	if (!sliding || age / 2 >= window) {
		*record = (struct record) { 0 };
		return false;
	}
	record->first += window;
	record->previous = record->count;
	record->count = 0;
	return true;
}

uint32_t
record_in_window(const struct record *record, uint32_t window, bool sliding, uint64_t now)
{
	uint64_t age = record_age(record->first, now), sum = record->count;

	if (sliding && age < window)
		sum += (record->previous * (window - age) + window - 1) / window;
	return sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
}

static bool
take_holder(struct view *rest, uint64_t *holder, uint64_t *until)
{
	struct view one;

	return pack_take_octets(rest, RECORD_HOLDER, &one) &&
	    pack_take(&one, 8, holder) && pack_take(&one, 8, until);
}

uint32_t
record_holders(const struct record *record, uint64_t now, uint64_t except, bool *excepted,
    struct str *out)
{
	struct view rest = record->value;
	uint64_t holder, until;
	uint32_t count = 0;

	*excepted = false;
	while (take_holder(&rest, &holder, &until)) {
		if (until <= now)
			continue;
		if (holder == except) {
			*excepted = true;
			continue;
		}
		record_add_holder(out, holder, until);
		count++;
	}
	return count;
}

void
record_add_holder(struct str *value, uint64_t holder, uint64_t until)
{
	pack_add(value, holder, 8);
	pack_add(value, until, 8);
}

uint64_t
record_holders_until(struct view value)
{
	uint64_t holder, until, latest = 0;

	while (take_holder(&value, &holder, &until))
		latest = until > latest ? until : latest;
	return latest;
}
