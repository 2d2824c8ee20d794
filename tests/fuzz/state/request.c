/* A frame of a hostile caller: its operations are done on one record, each a while after the one
 * before, with what the record became.  And the same bytes as a record. */
#include <stdint.h>
#include <stdlib.h>

#include "state/operate.h"
#include "wire/stateop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_MASK ((UINT64_C(1) << 40) - 1) /* a clock that is not the record's choice */

static void
check(const struct state_op *op, const struct state_result *result, uint64_t now,
    enum operate_change change, const struct record *record)
{
	if (result->now != now || (op->verb == STATE_READ && change != OPERATE_KEEP) ||
	    (change == OPERATE_PUT &&
		(record->until <= now || record->value.len > RECORD_VALUE_MAX)) ||
	    (op->verb == STATE_HOLD && result->count > STATE_HOLDERS_MAX) ||
	    (op->verb == STATE_COUNT && op->limit && result->standing == STATE_FOUND &&
		op->amount && !(op->flags & STATE_BACK) && result->count > op->limit))
		abort();
}

static void
run(const struct state_op *ops, size_t count, uint64_t now, struct record record)
{
	struct str kept = { 0 }, room = { 0 }, packet = { 0 };
	size_t i;

	for (i = 0; i < count; i++) {
		struct state_result result;
		enum operate_change change =
		    operate(&ops[i], now, &record, &room, &result);

		check(&ops[i], &result, now, change, &record);
		frame_start(&packet, 64, FRAME_OK, 1, 0);
		stateop_add_result(&packet, &result);
		str_clear(&kept);
		if (change == OPERATE_PUT)
			record_pack(&kept, &record);
		record = (struct record) { 0 };
		if (kept.len > 0 && !record_parse(str_view(&kept), &record))
			abort();
		now += ops[i].holder & 0xff;
	}
	str_free(&kept);
	str_free(&room);
	str_free(&packet);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view bytes = { (const char *)data, size };
	struct frame frame = { .version = FRAME_VERSION, .fields = bytes };
	struct state_op ops[STATE_OPS_MAX];
	struct state_result results[STATE_OPS_MAX];
	struct record record = { 0 };
	size_t count;

	/* What frame_parse() lets through has whole fields. */
	if (size < FRAME_MAX && frame_parse(bytes, &frame)) {
		count = stateop_parse(&frame, ops, NULL);
		run(ops, count, 1000, (struct record) { 0 });
		for (count = 0; count <= STATE_OPS_MAX; count++)
			stateop_results(&frame, results, count);
	}
	if (record_parse(bytes, &record)) {
		static const struct state_op each[] = {
			{ .verb = STATE_COUNT, .amount = 1, .window = 60 },
			{ .verb = STATE_COUNT,
			    .flags = STATE_SLIDING,
			    .amount = 1,
			    .window = 60 },
			{ .verb = STATE_SEEN, .keep = 60, .amount = 60 },
			{ .verb = STATE_HOLD, .holder = 1, .keep = 60 },
			{ .verb = STATE_DROP, .holder = 1 },
		};

		run(each, sizeof each / sizeof *each, record.last & NOW_MASK, record);
	}
	return 0;
}
