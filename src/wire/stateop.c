#include "wire/stateop.h"

#include <string.h>

#include "lib/pack.h"
#include "wire/kinds.h"

void
stateop_add(struct str *packet, const struct state_op *op)
{
	struct str field = { 0 };

	pack_add(&field, (uint64_t)op->verb, 1);
	pack_add(&field, op->flags, 1);
	pack_add(&field, op->space, 1);
	pack_add(&field, op->key.len, 1);
	str_append(&field, op->key);
	pack_add(&field, op->amount, 4);
	pack_add(&field, op->limit, 4);
	pack_add(&field, op->window, 4);
	pack_add(&field, op->keep, 4);
	pack_add(&field, op->holder, 8);
	pack_add(&field, op->value.len, 1);
	str_append(&field, op->value);
	frame_add(packet, TAG_STATE_OP, str_view(&field));
	str_free(&field);
}

void
stateop_add_result(struct str *packet, const struct state_result *result)
{
	struct str field = { 0 };

	pack_add(&field, (uint64_t)result->standing, 1);
	pack_add(&field, result->now, 8);
	pack_add(&field, result->first, 8);
	pack_add(&field, result->last, 8);
	pack_add(&field, result->until, 8);
	pack_add(&field, result->count, 8);
	pack_add(&field, result->value_len, 1);
	str_append(&field, (struct view) { result->value, result->value_len });
	frame_add(packet, TAG_STATE_RESULT, str_view(&field));
	str_free(&field);
}

static bool
take_u8(struct view *rest, unsigned *out)
{
	uint64_t n;

	if (!pack_take(rest, 1, &n))
		return false;
	*out = (unsigned)n;
	return true;
}

static bool
take_u32(struct view *rest, uint32_t *out)
{
	uint64_t n;

	if (!pack_take(rest, 4, &n))
		return false;
	*out = (uint32_t)n;
	return true;
}

/* Octets behind their length (1). */
static bool
take_counted(struct view *rest, struct view *out)
{
	struct view all = *rest;
	uint64_t len;

	if (!pack_take(&all, 1, &len) || !pack_take_octets(&all, (size_t)len, out))
		return false;
	*rest = all;
	return true;
}

/* Octets behind what we know are a later release's. */
static bool
parse_op(struct view field, struct state_op *op)
{
	unsigned verb;

	if (!take_u8(&field, &verb) || !take_u8(&field, &op->flags) ||
	    !take_u8(&field, &op->space) || !take_counted(&field, &op->key) ||
	    !take_u32(&field, &op->amount) || !take_u32(&field, &op->limit) ||
	    !take_u32(&field, &op->window) || !take_u32(&field, &op->keep) ||
	    !pack_take(&field, 8, &op->holder) || !take_counted(&field, &op->value))
		return false;
	op->verb = (enum state_verb)verb;
	return true;
}

static bool
is_known(const struct state_op *op)
{
	return op->verb >= STATE_READ && op->verb <= STATE_DROP &&
	    (op->flags & ~(unsigned)STATE_FLAGS) == 0;
}

size_t
stateop_parse(const struct frame *frame, struct state_op *out, bool *unknown)
{
	struct view rest = frame->fields, field;
	bool strange = false;
	size_t count = 0;
	uint16_t tag;

	if (unknown)
		*unknown = false;
	while (frame_next(&rest, &tag, &field)) {
		if (tag != TAG_STATE_OP)
			continue;
		if (count == STATE_OPS_MAX || !parse_op(field, &out[count]))
			return 0;
		strange = strange || !is_known(&out[count]);
		count++;
	}
	if (strange && unknown)
		*unknown = true;
	return strange ? 0 : count;
}

static bool
parse_result(struct view field, struct state_result *out)
{
	struct state_result r = { 0 };
	struct view value;
	unsigned standing;

	if (!take_u8(&field, &standing) || standing > STATE_OVER ||
	    !pack_take(&field, 8, &r.now) || !pack_take(&field, 8, &r.first) ||
	    !pack_take(&field, 8, &r.last) || !pack_take(&field, 8, &r.until) ||
	    !pack_take(&field, 8, &r.count) || !take_counted(&field, &value))
		return false;
	r.standing = (enum state_standing)standing;
	r.value_len = (uint8_t)value.len;
	if (value.len > 0)
		memcpy(r.value, value.at, value.len);
	*out = r;
	return true;
}

bool
stateop_results(const struct frame *frame, struct state_result *out, size_t count)
{
	struct view rest = frame->fields, field;
	size_t came = 0;
	uint16_t tag;

	while (frame_next(&rest, &tag, &field)) {
		if (tag != TAG_STATE_RESULT)
			continue;
		if (came == count || !parse_result(field, &out[came]))
			return false;
		came++;
	}
	return came == count;
}
