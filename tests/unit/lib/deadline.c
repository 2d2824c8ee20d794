/* deadline: never, now, and values that do not fit. */
#include <limits.h>

#include "lib/deadline.h"
#include "os/os.h"
#include "unit/unit.h"

static void
what_is_left(void **state)
{
	(void)state;
	assert_int_equal(deadline_left_ms(deadline_never()), -1);
	assert_false(deadline_passed(deadline_never()));
	assert_true(deadline_passed(deadline_in(0)));
	assert_true(deadline_passed(deadline_in_ms(-5)));
	assert_int_equal(deadline_left_ms(deadline_in_ms(0)), 0);
	assert_in_range(deadline_left_ms(deadline_in(1000)), 900000, 1000000);
	assert_int_equal(deadline_left_ms(deadline_in(INT64_MAX)), INT_MAX);
	assert_int_equal(deadline_left_ms(deadline_in_ms(INT64_MAX)), INT_MAX);
	assert_false(deadline_passed(deadline_in(INT64_MAX)));
}

static void
the_sooner_of_two(void **state)
{
	struct deadline near = deadline_in(10), far = deadline_in(20),
			never = deadline_never();

	(void)state;
	assert_true(deadline_sooner(near, far).at_ms == near.at_ms);
	assert_true(deadline_sooner(far, near).at_ms == near.at_ms);
	assert_true(deadline_sooner(never, near).at_ms == near.at_ms);
	assert_true(deadline_sooner(near, never).at_ms == near.at_ms);
	assert_int_equal(deadline_left_ms(deadline_sooner(never, never)), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left),
		cmocka_unit_test(the_sooner_of_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
