#include "queue/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
names(void **state)
{
	char out[NAME_MAX_OCTETS];

	(void)state;
	name_pid(out, 4711, 1795232343, 9);
	assert_string_equal(out, "pid/4711.1795232343.9");
	name_flat(out, "todo", 0);
	assert_string_equal(out, "todo/0");
	name_split(out, "mess", 22, 12345);
	assert_string_equal(out, "mess/22/12345");
	name_split(out, "remote", UINT64_MAX, UINT64_MAX);
	assert_string_equal(out, "remote/18446744073709551615/18446744073709551615");
	name_pid(out, UINT64_MAX, UINT64_MAX, 9);
	assert_string_equal(out, "pid/18446744073709551615.18446744073709551615.9");
}

static const struct {
	const char *text;
	bool ok;
	uint64_t number;
} numbers[] = {
	{ "0", true, 0 },
	{ "7", true, 7 },
	{ "007", true, 7 },
	{ "00", true, 0 },
	{ "18446744073709551615", true, UINT64_MAX },
	{ "18446744073709551616", false, 0 },
	{ "99999999999999999999999", false, 0 },
	{ "", false, 0 },
	{ "-1", false, 0 },
	{ "+1", false, 0 },
	{ " 1", false, 0 },
	{ "1 ", false, 0 },
	{ "1x", false, 0 },
	{ "1/2", false, 0 },
};

static void
number(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		uint64_t n = 42;

		if (name_number(view_of(numbers[i].text), &n) != numbers[i].ok ||
		    n != (numbers[i].ok ? numbers[i].number : 42))
			fail_msg("'%s'", numbers[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
