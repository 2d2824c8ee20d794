/* client/pacing: where there is nothing to keep, nothing is asked. */
#include "unit/unit.h"

#include "client/pacing.h"

static void
test_off(void **state)
{
	struct task task = { .host = VIEW("a.org") };
	struct report report = { 0 };
	struct pace_standing standing;
	struct str name = { 0 };
	struct pacing p;

	(void)state;
	pacing_init(&p);
	assert_true(pacing_plan(&p, &task, &report));
	assert_true(pacing_admit(&p, &task, &report));
	assert_int_equal(pacing_connections(&p), 0);
	assert_int_equal(pacing_look(&task, &standing, &name, NULL), ANSWER_NO);
	unit_write_file("control/pacing", BYTES(":concurrency=1 perday=1\n"));
	assert_true(pacing_plan(&p, &task, &report)); /* there is no state/db */
	assert_true(pacing_admit(&p, &task, &report));
	assert_true(pacing_admit(&p, &task, &report));
	assert_int_equal(pacing_connections(&p), 0);
	assert_int_equal(pacing_look(&task, &standing, &name, NULL), ANSWER_NO);
	pacing_finish(&p, &report);
	pacing_free(&p);
	assert_int_equal(report.message.len, 0);
}

static void
test_broken(void **state)
{
	struct task task = { .host = VIEW("a.org") };
	struct report report = { 0 };
	struct pacing p;

	(void)state;
	unit_write_file("control/pacing", BYTES("#\n:never\n"));
	pacing_init(&p);
	assert_false(pacing_plan(&p, &task, &report));
	assert_view_equal(str_view(&report.message),
	    BYTES("ZUnable to read control files. (#4.3.0)\n"
		  "control/pacing:2: not attributes of pacing\n"));
	pacing_free(&p);
	report_free(&report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests_name(
	    "client/pacing", tests, unit_enter_directory, NULL);
}
