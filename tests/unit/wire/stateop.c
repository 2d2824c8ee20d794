/* wire/stateop: operations and results come out as they went in; what is broken is refused. */
#include "unit/unit.h"

#include "wire/kinds.h"
#include "wire/stateop.h"

static struct frame
parsed(const struct str *packet)
{
	struct frame frame;

	assert_true(frame_parse(str_view(packet), &frame));
	return frame;
}

static void
test_there_and_back(void **state)
{
	static const struct state_op given[] = {
		{ .verb = STATE_READ, .space = 255, .key = ROW("") },
		{ .verb = STATE_COUNT,
		    .flags = STATE_SLIDING,
		    .space = STATE_AUTH_NETWORK,
		    .key = ROW("192.0.2.0\0x"),
		    .amount = 1,
		    .limit = UINT32_MAX,
		    .window = 60 },
		{ .verb = STATE_SET,
		    .key = ROW("k"),
		    .keep = 9,
		    .value = ROW("v\0\xff") },
		{ .verb = STATE_HOLD, .key = ROW("k"), .holder = UINT64_MAX },
	};
	struct state_op got[STATE_OPS_MAX];
	struct str packet = { 0 };
	struct frame frame;
	bool unknown;
	size_t i;

	(void)state;
	frame_start(&packet, WIRE_STATE_DO, FRAME_OK, 1, 0);
	for (i = 0; i < COUNT(given); i++) {
		stateop_add(&packet, &given[i]);
		frame_add(&packet, 9999, VIEW("of a later release"));
	}
	frame = parsed(&packet);
	assert_int_equal(stateop_parse(&frame, got, &unknown), COUNT(given));
	assert_false(unknown);
	for (i = 0; i < COUNT(given); i++) {
		assert_int_equal(got[i].verb, given[i].verb);
		assert_int_equal(got[i].flags, given[i].flags);
		assert_int_equal(got[i].space, given[i].space);
		assert_view_equal(got[i].key, given[i].key);
		assert_int_equal(got[i].amount, given[i].amount);
		assert_int_equal(got[i].limit, given[i].limit);
		assert_int_equal(got[i].window, given[i].window);
		assert_int_equal(got[i].keep, given[i].keep);
		assert_true(got[i].holder == given[i].holder);
		assert_view_equal(got[i].value, given[i].value);
	}
	str_free(&packet);
}

#define HEAD    "\1\0\0"
#define NUMBERS "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define HOLDER  "\0\0\0\0\0\0\0\0"

static void
test_odd_operations(void **state)
{
	static const struct {
		const char *name;
		struct view field;
		size_t count;
		bool unknown;
	} cases[] = {
		{ "as it should be", ROW(HEAD "\1k" NUMBERS HOLDER "\0"), 1, false },
		{ "more behind it", ROW(HEAD "\1k" NUMBERS HOLDER "\0more"), 1, false },
		{ "nothing", ROW(""), 0, false },
		{ "only a verb", ROW("\1"), 0, false },
		{ "no key", ROW(HEAD), 0, false },
		{ "a key that is cut", ROW(HEAD "\5k"), 0, false },
		{ "no numbers", ROW(HEAD "\1k"), 0, false },
		{ "no holder", ROW(HEAD "\1k" NUMBERS), 0, false },
		{ "no value", ROW(HEAD "\1k" NUMBERS HOLDER), 0, false },
		{ "a value that is cut", ROW(HEAD "\1k" NUMBERS HOLDER "\2v"), 0, false },
		{ "verb 0", ROW("\0\0\0\1k" NUMBERS HOLDER "\0"), 0, true },
		{ "a new verb", ROW("\10\0\0\1k" NUMBERS HOLDER "\0"), 0, true },
		{ "a new flag", ROW("\1\10\0\1k" NUMBERS HOLDER "\0"), 0, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct state_op got[STATE_OPS_MAX];
		struct str packet = { 0 };
		struct frame frame;
		bool unknown;

		frame_start(&packet, WIRE_STATE_DO, FRAME_OK, 1, 0);
		frame_add(&packet, TAG_STATE_OP, cases[i].field);
		frame = parsed(&packet);
		if (stateop_parse(&frame, got, &unknown) != cases[i].count ||
		    unknown != cases[i].unknown)
			fail_msg("%s", cases[i].name);
		str_free(&packet);
	}
}

static void
test_how_many(void **state)
{
	struct state_op op = { .verb = STATE_READ, .key = VIEW("k") };
	struct state_op got[STATE_OPS_MAX];
	struct str packet = { 0 };
	struct frame frame;
	size_t i;

	(void)state;
	frame_start(&packet, WIRE_STATE_DO, FRAME_OK, 1, 0);
	frame = parsed(&packet);
	assert_int_equal(stateop_parse(&frame, got, NULL), 0);
	for (i = 0; i < STATE_OPS_MAX; i++)
		stateop_add(&packet, &op);
	frame = parsed(&packet);
	assert_int_equal(stateop_parse(&frame, got, NULL), STATE_OPS_MAX);
	stateop_add(&packet, &op);
	frame = parsed(&packet);
	assert_int_equal(stateop_parse(&frame, got, NULL), 0);
	str_free(&packet);
}

static void
test_results(void **state)
{
	struct state_result given = { .standing = STATE_OVER,
		.now = 5,
		.first = 1,
		.last = 2,
		.until = UINT64_MAX,
		.count = 4,
		.value_len = 3,
		.value = "abc" },
			    got[2];
	struct str packet = { 0 };
	struct frame frame;

	(void)state;
	frame_start(&packet, WIRE_STATE_DO, FRAME_OK, 1, 0);
	stateop_add_result(&packet, &given);
	frame = parsed(&packet);
	assert_false(stateop_results(&frame, got, 0));
	assert_false(stateop_results(&frame, got, 2));
	assert_true(stateop_results(&frame, got, 1));
	assert_int_equal(got[0].standing, STATE_OVER);
	assert_true(got[0].now == 5 && got[0].first == 1 && got[0].last == 2);
	assert_true(got[0].until == UINT64_MAX && got[0].count == 4);
	assert_int_equal(got[0].value_len, 3);
	assert_memory_equal(got[0].value, "abc", 3);
	frame_add(&packet, TAG_STATE_RESULT, VIEW("broken"));
	frame = parsed(&packet);
	assert_false(stateop_results(&frame, got, 2));
	str_free(&packet);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_odd_operations),
		cmocka_unit_test(test_how_many),
		cmocka_unit_test(test_results),
	};

	return cmocka_run_group_tests_name("wire/stateop", tests, NULL, NULL);
}
