/* pace/pacemath: halves and their way back, and when a window has room (outbound 5.5, row 13). */
#include "unit/unit.h"

#include "pace/pacemath.h"

static void
test_halves(void **state)
{
	uint32_t parts = PACE_FULL, i;

	(void)state;
	for (i = 0; i < 5; i++) {
		parts = pacemath_halved(parts);
		assert_int_equal(parts, PACE_FULL >> (i + 1));
		assert_int_equal(pacemath_closure(parts, 30), 30u << i);
	}
	assert_int_equal(pacemath_halved(parts), PACE_FLOOR);
	assert_int_equal(pacemath_closure(0, 30), 480);
	assert_int_equal(pacemath_closure(PACE_FLOOR, 3600), PACE_CLOSED_MAX);
}

static void
test_recovery(void **state)
{
	(void)state;
	assert_int_equal(pacemath_recovered(512, 59), 512);
	assert_int_equal(pacemath_recovered(512, 60), 640);
	assert_int_equal(pacemath_recovered(512, 239), 896);
	assert_int_equal(pacemath_recovered(512, 240), PACE_FULL);
	assert_int_equal(pacemath_recovered(0, 0), PACE_FLOOR);
	assert_int_equal(pacemath_recovered(UINT32_MAX, 0), PACE_FULL);
	assert_int_equal(pacemath_recovered(512, UINT64_MAX), PACE_FULL);
	assert_int_equal(pacemath_recovery(512), 240);
	assert_int_equal(pacemath_recovery(PACE_FULL), 0);
}

static void
test_limits(void **state)
{
	static const struct {
		struct pace_limit full;
		uint32_t parts;
		struct pace_limit left;
	} rows[] = {
		{ { 60, 60 }, PACE_FULL, { 60, 60 } },
		{ { 60, 60 }, 512, { 30, 60 } },
		{ { 1, 1 }, 512, { 1, 2 } },
		{ { 1, 1 }, PACE_FLOOR, { 1, 32 } },
		{ { 3, 60 }, 256, { 1, 80 } },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct pace_limit got = pacemath_limit(rows[i].full, rows[i].parts);

		assert_int_equal(got.limit, rows[i].left.limit);
		assert_int_equal(got.window, rows[i].left.window);
	}
}

/* Sixty a minute; the record was begun at 1000. */
static void
test_openings(void **state)
{
	static const struct {
		struct pace_window_state w;
		uint32_t amount, wait;
		uint64_t begins;
	} rows[] = {
		/* full at once: the next window, and one of it has faded */
		{ { 1000, 1000, 60, 60 }, 1, 61, 1060 },
		{ { 1030, 1000, 60, 60 }, 1, 31, 1060 },
		{ { 1030, 1000, 60, 60 }, 60, 90, 1060 },
		/* what fades is of the window before */
		{ { 1030, 1000, 30, 60 }, 1, 1, 1000 },
		{ { 1030, 1000, 30, 60 }, 10, 10, 1000 },
		/* the record was not rolled yet */
		{ { 1070, 1000, 60, 50 }, 20, 10, 1060 },
		/* there is room, or the clock went back: soon */
		{ { 1030, 1000, 1, 1 }, 1, 1, 1000 },
		{ { 900, 1000, 60, 60 }, 1, 61, 1060 },
		{ { 5000, 1000, 60, 0 }, 1, 1, 5000 },
	};
	const struct pace_limit l = { 60, 60 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct pace_opening got = pacemath_opening(l, rows[i].amount, &rows[i].w);

		if (got.wait != rows[i].wait || got.begins != rows[i].begins)
			fail_msg(
			    "row %zu: %u from %ju", i, got.wait, (uintmax_t)got.begins);
	}
}

static void
test_lines(void **state)
{
	const struct pace_limit l = { 60, 120 };
	const struct pace_opening opening = { 10, 1000 };

	(void)state;
	assert_int_equal(pacemath_wait_in_line(l, opening, 0, 990), 10);
	assert_int_equal(pacemath_wait_in_line(l, opening, 5, 990), 20);
	assert_int_equal(pacemath_wait_in_line(l, opening, 5, 1004), 16);
	assert_int_equal(pacemath_wait_in_line(l, opening, 5, 9999), 10);
	assert_int_equal(pacemath_wait_in_line(l, opening, 1u << 30, 990), 86400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_halves),
		cmocka_unit_test(test_recovery),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_openings),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests_name("pace/pacemath", tests, NULL, NULL);
}
