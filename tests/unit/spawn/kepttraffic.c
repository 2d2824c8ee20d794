/* kepttraffic: is a connection worth keeping (outbound 5.6)? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spawn/kepttraffic.h"

static void
only_another_command_counts(void **state)
{
	const struct view a = VIEW("a.example"), b = VIEW("b.example");
	struct kepttraffic t = { 0 };

	(void)state;
	assert_false(kepttraffic_is_busy(&t, a, 0, 0));
	kepttraffic_note(&t, a, 1000, 1000);
	assert_false(kepttraffic_is_busy(&t, a, 1000, 1500)); /* that is itself */
	kepttraffic_note(&t, b, 1200, 1200);
	assert_false(kepttraffic_is_busy(&t, a, 1000, 1500));
	kepttraffic_note(&t, a, 2000, 2000);
	assert_true(kepttraffic_is_busy(&t, a, 2000, 11000));
	assert_false(kepttraffic_is_busy(&t, a, 2000, 11001)); /* it was long ago */
	assert_true(kepttraffic_is_busy(&t, a, 1000, 12000));  /* for the slow one */
	assert_false(kepttraffic_is_busy(&t, a, 1000, 12001));
	kepttraffic_note(&t, a, 2000, 2000); /* two at once */
	assert_true(kepttraffic_is_busy(&t, a, 2000, 12000));
	kepttraffic_note(&t, a, 1500, 12000); /* one that waited before */
	assert_false(kepttraffic_is_busy(&t, a, 2000, 12001));
	kepttraffic_free(&t);
}

static void
what_is_old_is_forgotten(void **state)
{
	struct kepttraffic t = { 0 };
	struct str name = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		str_append_byte(&name, (char)('a' + i % 26));
		kepttraffic_note(&t, str_view(&name), 100 * i, 100 * i);
	}
	assert_in_range(t.count, 1, 101);
	str_free(&name);
	kepttraffic_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_another_command_counts),
		cmocka_unit_test(what_is_old_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
