/* schedule: the curve of outbound 6.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "send/schedule.h"

enum { BIRTH = 1000000000 };

/* Each attempt is made when the one before said: ages in seconds. */
static void
remote_attempts_follow_the_table(void **state)
{
	static const int64_t ages[] = { 400, 1600, 3600, 6400, 10000, 14400, 19600, 25600,
		32400 };
	int64_t now = BIRTH;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof ages / sizeof *ages; i++) {
		now = schedule_next(BIRTH, now, SCHEDULE_REMOTE_STEP);
		assert_int_equal(now - BIRTH, ages[i]);
	}
	for (; i < 39; i++)
		now = schedule_next(BIRTH, now, SCHEDULE_REMOTE_STEP);
	assert_int_equal(now - BIRTH, 608400); /* attempt 40: the first after a week */
}

static void
rows_are_as_computed_by_hand(void **state)
{
	static const struct {
		int64_t age, step, expected;
	} rows[] = {
		{ 0, 10, 100 }, /* the first local retry */
		{ 100, 10, 400 }, { 400, 10, 900 },
		{ 99, 10, 361 }, /* floor(sqrt(99)) is 9 */
		{ 101, 10, 400 }, { 3, 20, 441 },
		{ 604800, 20, 635209 }, /* floor(sqrt) is 777 */
		{ -50, 20, 350 },       /* a birth in the future is now */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(
		    schedule_next(BIRTH, BIRTH + rows[i].age, rows[i].step) - BIRTH,
		    rows[i].expected);
}

static void
extremes_do_not_overflow(void **state)
{
	(void)state;
	assert_true(schedule_next(0, INT64_MAX, 20) > 0);
	assert_int_equal(schedule_next(INT64_MAX, INT64_MAX, 20), INT64_MAX);
	assert_true(schedule_next(-1000, 1000, 20) > 1000);
}

/* outbound 6.3, and 5.5 row 16: waiting for a route is no attempt. */
static void
routes_that_open(void **state)
{
	(void)state;
	assert_int_equal(schedule_after(500, 0, true), 500);
	assert_int_equal(schedule_after(500, 90, false), 90);
	assert_int_equal(schedule_after(500, 90, true), 90);
	assert_int_equal(schedule_after(500, 900, false), 900);
	assert_int_equal(schedule_after(500, 900, true), 500);
	assert_int_equal(schedule_believed(900, 500), 900);
	assert_int_equal(schedule_believed(500, 500), 501);
	assert_int_equal(schedule_believed(INT64_MAX, 500), 500 + SCHEDULE_WAIT_MAX);
	assert_true(schedule_may_wait(BIRTH, BIRTH - 5, 0));
	assert_true(schedule_may_wait(BIRTH, BIRTH + 100, 100));
	assert_true(schedule_may_wait(BIRTH, BIRTH + 100 + SCHEDULE_WAIT_MAX - 1, 100));
	assert_false(schedule_may_wait(BIRTH, BIRTH + 100 + SCHEDULE_WAIT_MAX, 100));
}

/* Nobody knows when they were tried last: attempts are at 400, 1600, 3600 seconds of age. */
static void
the_curve_is_taken_up_again(void **state)
{
	static const struct {
		int64_t age, next;
	} cases[] = { { 0, 0 }, { -5, -5 }, { 399, 399 }, { 400, 400 }, { 401, 1600 },
		{ 1599, 1600 }, { 1600, 1600 }, { 1601, 3600 }, { 600000, 608400 } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(
		    schedule_resume(BIRTH, BIRTH + cases[i].age, 20, 0) - BIRTH,
		    cases[i].next);
	for (i = 0; i < 100000; i += 777)
		assert_in_range(
		    schedule_resume(BIRTH, BIRTH + 500, 20, (uint32_t)i) - BIRTH, 1600,
		    1600 + 150);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remote_attempts_follow_the_table),
		cmocka_unit_test(rows_are_as_computed_by_hand),
		cmocka_unit_test(extremes_do_not_overflow),
		cmocka_unit_test(routes_that_open),
		cmocka_unit_test(the_curve_is_taken_up_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
