/* state/record: its bytes, and what time does to it. */
#include "unit/unit.h"

#include "state/record.h"

static void
test_there_and_back(void **state)
{
	struct record given = { .first = 1,
		.last = UINT64_MAX,
		.until = 3,
		.count = UINT32_MAX,
		.previous = 5,
		.value = VIEW("a value") },
		      got = { .first = 77 };
	struct str bytes = { 0 };

	(void)state;
	record_pack(&bytes, &given);
	assert_int_equal(bytes.len, RECORD_FIXED + 7);
	assert_true(record_parse(str_view(&bytes), &got));
	assert_true(got.first == 1 && got.last == UINT64_MAX && got.until == 3);
	assert_true(got.count == UINT32_MAX && got.previous == 5);
	assert_view_equal(got.value, given.value);
	str_free(&bytes);
}

static void
test_no_record(void **state)
{
	static const char room[RECORD_FIXED + RECORD_VALUE_MAX + 1];
	struct record got = { .first = 77 };
	size_t i;

	(void)state;
	for (i = 0; i < RECORD_FIXED; i++)
		assert_false(record_parse((struct view) { room, i }, &got));
	assert_false(record_parse((struct view) { room, sizeof room }, &got));
	assert_true(got.first == 77);
	assert_true(record_parse((struct view) { room, sizeof room - 1 }, &got));
}

static void
test_live(void **state)
{
	static const struct {
		uint64_t last, until, now;
		bool live;
	} cases[] = {
		{ 0, 0, 0, false }, { 100, 200, 100, true }, { 100, 200, 199, true },
		{ 100, 200, 200, false }, { 100, 200, 5000, false },
		{ 5000, 6000, 4000, true }, /* the clock went back a little */
		{ 5000, 6000, 1400, true },
		{ 5000, 6000, 1399, false }, /* and by more than an hour */
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct record r = { .last = cases[i].last, .until = cases[i].until };

		assert_int_equal(record_is_live(&r, cases[i].now), cases[i].live);
	}
}

static void
test_windows(void **state)
{
	static const struct {
		const char *name;
		uint32_t count, previous;
		uint64_t now; /* the window of 100 seconds began at 1000 */
		bool sliding, left;
		uint64_t first;
		uint32_t in_window;
	} cases[] = {
		{ "fixed, at once", 7, 0, 1000, false, true, 1000, 7 },
		{ "fixed, at its end", 7, 0, 1099, false, true, 1000, 7 },
		{ "fixed, over", 7, 0, 1100, false, false, 0, 0 },
		{ "fixed, the clock went back", 7, 0, 900, false, true, 1000, 7 },
		{ "sliding, at once", 7, 0, 1000, true, true, 1000, 7 },
		{ "sliding, with all of the one before", 7, 10, 1000, true, true, 1000,
		    17 },
		{ "sliding, with half of it", 7, 10, 1050, true, true, 1000, 12 },
		{ "sliding, rounded up", 7, 10, 1099, true, true, 1000, 8 },
		{ "sliding, the next window", 7, 10, 1100, true, true, 1100, 7 },
		{ "sliding, a quarter gone", 8, 10, 1125, true, true, 1100, 6 },
		{ "sliding, the last second", 8, 10, 1199, true, true, 1100, 1 },
		{ "sliding, over", 8, 10, 1200, true, false, 0, 0 },
		{ "sliding, the clock went back", 8, 10, 500, true, true, 1000, 18 },
		{ "sliding, large", UINT32_MAX, UINT32_MAX, 1000, true, true, 1000,
		    UINT32_MAX },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct record r = { .first = 1000,
			.until = 9999,
			.count = cases[i].count,
			.previous = cases[i].previous };
		bool left = record_roll(&r, 100, cases[i].sliding, cases[i].now);

		if (left != cases[i].left || r.first != cases[i].first ||
		    record_in_window(&r, 100, cases[i].sliding, cases[i].now) !=
			cases[i].in_window)
			fail_msg("%s: %u", cases[i].name,
			    record_in_window(&r, 100, cases[i].sliding, cases[i].now));
	}
}

static void
test_holders(void **state)
{
	struct str value = { 0 }, out = { 0 };
	struct record r = { 0 };
	bool found;

	(void)state;
	assert_int_equal(record_holders(&r, 0, 1, &found, &out), 0);
	assert_false(found);
	record_add_holder(&value, 1, 50);
	record_add_holder(&value, 2, 80);
	record_add_holder(&value, 3, 70);
	r.value = str_view(&value);
	assert_true(record_holders_until(r.value) == 80);
	assert_int_equal(record_holders(&r, 49, 9, &found, &out), 3);
	assert_false(found);
	assert_view_equal(str_view(&out), r.value);
	str_clear(&out);
	assert_int_equal(record_holders(&r, 50, 2, &found, &out), 1);
	assert_true(found);
	assert_true(record_holders_until(str_view(&out)) == 70);
	str_clear(&out);
	assert_int_equal(record_holders(&r, 80, 2, &found, &out), 0);
	assert_false(found);
	str_append_text(&value, "what is cut");
	r.value = str_view(&value);
	str_clear(&out);
	assert_int_equal(record_holders(&r, 0, 9, &found, &out), 3);
	str_free(&value);
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_no_record),
		cmocka_unit_test(test_live),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_holders),
	};

	return cmocka_run_group_tests_name("state/record", tests, NULL, NULL);
}
