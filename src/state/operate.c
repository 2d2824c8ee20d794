#include "state/operate.h"

#include <string.h>

static uint32_t
seconds(uint32_t given)
{
	if (given == 0)
		return 1;
	return given < STATE_SECONDS_MAX ? given : STATE_SECONDS_MAX;
}

static uint32_t
sum(uint32_t a, uint32_t b)
{
	return a < UINT32_MAX - b ? a + b : UINT32_MAX;
}

static bool
is_there(const struct record *r)
{
	return r->until > 0;
}

static void
begin_or_go_on(struct record *r, uint64_t now)
{
	if (!is_there(r))
		r->first = now;
	r->last = now;
}

static enum operate_change
take_back(uint32_t amount, uint64_t now, struct record *r)
{
	if (r->count == 0)
		return OPERATE_KEEP;
	r->count -= amount < r->count ? amount : r->count;
	r->last = now;
	return OPERATE_PUT;
}

static enum operate_change
do_count(
    const struct state_op *op, uint64_t now, struct record *r, struct state_result *out)
{
	bool sliding = op->flags & STATE_SLIDING;
	uint32_t window = seconds(op->window), before;

	record_roll(r, window, sliding, now);
	before = record_in_window(r, window, sliding, now);
	out->standing = is_there(r) ? STATE_FOUND : STATE_ABSENT;
	out->count = before;
	if (op->amount == 0)
		return OPERATE_KEEP;
	if (op->flags & STATE_BACK) {
		enum operate_change change = take_back(op->amount, now, r);

		out->count = record_in_window(r, window, sliding, now);
		return change;
	}
	if (op->limit > 0 && sum(before, op->amount) > op->limit) {
		out->standing = STATE_OVER;
		return OPERATE_KEEP;
	}
	begin_or_go_on(r, now);
	r->count = sum(r->count, op->amount);
	r->until = r->first + (uint64_t)window * (sliding ? 2 : 1);
	out->standing = STATE_FOUND;
	out->count = record_in_window(r, window, sliding, now);
	return OPERATE_PUT;
}

static enum operate_change
do_set(
    const struct state_op *op, uint64_t now, struct record *r, struct state_result *out)
{
	begin_or_go_on(r, now);
	r->until = now + seconds(op->keep);
	r->count = op->amount;
	r->value = op->value;
	out->standing = STATE_FOUND;
	return OPERATE_PUT;
}

static enum operate_change
do_seen(
    const struct state_op *op, uint64_t now, struct record *r, struct state_result *out)
{
	if (!is_there(r)) {
		out->standing = STATE_ABSENT;
		r->first = now;
		r->until = now + seconds(op->keep);
	} else if (r->count == 0 && record_age(r->first, now) < op->window) {
		out->standing = STATE_OVER;
	} else {
		out->standing = STATE_FOUND;
		r->count = sum(r->count, 1);
		r->until = now + seconds(op->amount);
	}
	r->last = now;
	return OPERATE_PUT;
}

/* Put the holders together anew, without those whose time is over and without the one who asks. */
static uint32_t
others(const struct state_op *op, uint64_t now, const struct record *r, struct str *room,
    bool *holds)
{
	str_clear(room);
	return record_holders(r, now, op->holder, holds, room);
}

static enum operate_change
do_hold(const struct state_op *op, uint64_t now, struct record *r, struct str *room,
    struct state_result *out)
{
	uint32_t limit = op->limit > 0 && op->limit < STATE_HOLDERS_MAX
	    ? op->limit
	    : STATE_HOLDERS_MAX;
	bool holds;
	uint32_t count = others(op, now, r, room, &holds);

	if (count >= limit && !(holds && count < STATE_HOLDERS_MAX)) {
		out->standing = STATE_OVER;
		out->count = count;
		return OPERATE_KEEP;
	}
	record_add_holder(room, op->holder, now + seconds(op->keep));
	begin_or_go_on(r, now);
	r->value = str_view(room);
	r->until = record_holders_until(r->value);
	r->count = count + 1;
	out->standing = STATE_FOUND;
	out->count = r->count;
	return OPERATE_PUT;
}

static enum operate_change
do_drop(const struct state_op *op, uint64_t now, struct record *r, struct str *room,
    struct state_result *out)
{
	bool holds;
	uint32_t count = others(op, now, r, room, &holds);

	out->standing = holds ? STATE_FOUND : STATE_ABSENT;
	out->count = count;
	if (!holds)
		return OPERATE_KEEP;
	r->value = str_view(room);
	r->count = count;
	r->last = now;
	if (count == 0)
		return OPERATE_REMOVE;
	r->until = record_holders_until(r->value);
	return OPERATE_PUT;
}

static void
tell(const struct record *r, struct state_result *out)
{
	out->first = r->first;
	out->last = r->last;
	out->until = r->until;
}

/* The record as it is; a value is told only of what was set, which is never longer. */
static void
read_it(const struct record *r, struct state_result *out)
{
	out->standing = is_there(r) ? STATE_FOUND : STATE_ABSENT;
	out->count = r->count;
	if (r->value.len > 0 && r->value.len <= STATE_VALUE_MAX) {
		memcpy(out->value, r->value.at, r->value.len);
		out->value_len = (uint8_t)r->value.len;
	}
	tell(r, out);
}

static enum operate_change
change_it(const struct state_op *op, uint64_t now, struct record *r, struct str *room,
    struct state_result *out)
{
	switch (op->verb) {
	case STATE_COUNT:
		return do_count(op, now, r, out);
	case STATE_SET:
		return do_set(op, now, r, out);
	case STATE_SEEN:
		return do_seen(op, now, r, out);
	case STATE_HOLD:
		return do_hold(op, now, r, room, out);
	case STATE_DROP:
		return do_drop(op, now, r, room, out);
	case STATE_READ:
	case STATE_FORGET:
		break;
	}
	return OPERATE_KEEP;
}

enum operate_change
operate(const struct state_op *op, uint64_t now, struct record *record, struct str *room,
    struct state_result *out)
{
	bool was_there = is_there(record);
	enum operate_change change;

	*out = (struct state_result) { .now = now };
	if (!record_is_live(record, now))
		*record = (struct record) { 0 };
	if (op->verb == STATE_READ || op->verb == STATE_FORGET) {
		read_it(record, out);
		return op->verb == STATE_FORGET && was_there ? OPERATE_REMOVE
							     : OPERATE_KEEP;
	}
	change = change_it(op, now, record, room, out);
	if (op->verb == STATE_SET || op->verb == STATE_SEEN)
		out->count = record->count;
	tell(record, out);
	return change;
}
