/* chunk: the argument of BDAT. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smtp/chunk.h"

static const struct {
	const char *argument;
	bool good;
	uint64_t octets;
	bool is_last;
} rows[] = {
	{ "0", true, 0, false },
	{ "86", true, 86, false },
	{ "86 LAST", true, 86, true },
	{ "86  last ", true, 86, true },
	{ "0 LAST", true, 0, true },
	{ "18446744073709551614", true, UINT64_MAX - 1, false },
	{ "18446744073709551615", false, 0, false },
	{ "18446744073709551616", false, 0, false },
	{ "99999999999999999999999", false, 0, false },
	{ "", false, 0, false },
	{ "LAST", false, 0, false },
	{ "-1", false, 0, false },
	{ "+1", false, 0, false },
	{ "1a", false, 0, false },
	{ "1 LASTS", false, 0, false },
	{ "1 LAST LAST", false, 0, false },
	{ "1\tLAST", false, 0, false },
};

static void
chunks(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct chunk chunk = { 7, false };

		assert_int_equal(
		    chunk_parse(view_of(rows[i].argument), &chunk), rows[i].good);
		assert_true(chunk.octets == (rows[i].good ? rows[i].octets : 7));
		assert_int_equal(chunk.is_last, rows[i].is_last);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(chunks) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
