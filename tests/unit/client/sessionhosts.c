/* sessionhosts: RCPTDOMAINMAX of RFC 9422 (outbound 5.5, row 19). */
#include "unit/unit.h"

#include "client/sessionhosts.h"

static void
a_limit_counts_each_host_once(void **state)
{
	struct sessionhosts h = { .count = 0 };

	(void)state;
	sessionhosts_note(&h, VIEW("a.example"), 0);
	assert_int_equal(h.count, 0);
	assert_true(sessionhosts_may(&h, VIEW("a.example"), 1));
	sessionhosts_note(&h, VIEW("a.example"), 2);
	sessionhosts_note(&h, VIEW("A.Example"), 2);
	assert_true(sessionhosts_may(&h, VIEW("b.example"), 2));
	sessionhosts_note(&h, VIEW("b.example"), 2);
	assert_false(sessionhosts_may(&h, VIEW("c.example"), 2));
	assert_true(sessionhosts_may(&h, VIEW("B.example"), 2));
	assert_true(sessionhosts_may(&h, VIEW("c.example"), 0));
	sessionhosts_free(&h);
	assert_true(sessionhosts_may(&h, VIEW("c.example"), 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_counts_each_host_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
