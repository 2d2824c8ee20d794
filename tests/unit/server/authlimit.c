/* Failed logins: how long the answer to one waits. */
#include "server/authlimit.h"

#include "unit/unit.h"

static void
how_many_delays(void **state)
{
	static const struct {
		uint64_t in_session, in_store, delays;
	} rows[] = {
		{ 1, 0, 1 },
		{ 3, 0, 3 },
		{ 1, 1, 1 },
		{ 1, 7, 7 },
		{ 4, 2, 4 },
		{ 1, 12, 12 },
		{ 1, 13, 12 },
		{ 100, 0, 12 },
		{ 1, UINT64_MAX, 12 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		if (authlimit_delays(rows[i].in_session, rows[i].in_store) !=
		    rows[i].delays)
			fail_msg("row %zu", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_many_delays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
