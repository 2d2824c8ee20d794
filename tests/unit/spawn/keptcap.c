/* keptcap: how many connections a destination bears, after it has refused some (outbound 5.5, row 13). */
#include "unit/unit.h"

#include "lib/fmt.h"
#include "spawn/keptcap.h"

#define RELAY VIEW("relay")

static void
nobody_has_refused(void **state)
{
	struct keptcap c = { 0 };

	(void)state;
	assert_int_equal(keptcap_limit(&c, RELAY, 20, 0), 20);
	assert_int_equal(keptcap_limit(&c, RELAY, 0, 0), 0);
	keptcap_free(&c);
}

/* Twenty at once to a server that takes five: one after the other of fifteen is refused, and goes. */
static void
it_comes_down_to_what_the_server_takes(void **state)
{
	struct keptcap c = { 0 };
	unsigned there;

	(void)state;
	for (there = 20; there > 5; there--)
		keptcap_refused(&c, RELAY, there, 1000);
	assert_int_equal(keptcap_limit(&c, RELAY, 20, 1000), 5);
	assert_int_equal(keptcap_limit(&c, RELAY, 3, 1000), 3);
	assert_int_equal(keptcap_limit(&c, VIEW("other"), 20, 1000), 20);
	keptcap_free(&c);
}

static void
one_is_always_tried(void **state)
{
	struct keptcap c = { 0 };

	(void)state;
	keptcap_refused(&c, RELAY, 1, 0);
	assert_int_equal(keptcap_limit(&c, RELAY, 0, 0), 1);
	keptcap_free(&c);
}

static void
it_grows_back_by_one_a_minute(void **state)
{
	struct keptcap c = { 0 };

	(void)state;
	keptcap_refused(&c, RELAY, 4, 5000);
	assert_int_equal(keptcap_limit(&c, RELAY, 6, 5000 + KEPTCAP_GROW_MS - 1), 3);
	assert_int_equal(keptcap_limit(&c, RELAY, 6, 5000 + KEPTCAP_GROW_MS), 4);
	assert_int_equal(keptcap_limit(&c, RELAY, 6, 5000 + 2 * KEPTCAP_GROW_MS), 5);
	keptcap_refused(&c, RELAY, 5, 5000 + 2 * KEPTCAP_GROW_MS);
	assert_int_equal(keptcap_limit(&c, RELAY, 6, 5000 + 3 * KEPTCAP_GROW_MS), 5);
	assert_int_equal(keptcap_limit(&c, RELAY, 6, 5000 + 4 * KEPTCAP_GROW_MS), 6);
	assert_int_equal(c.count, 0); /* forgotten */
	keptcap_refused(&c, RELAY, 2, 0);
	assert_int_equal(keptcap_limit(&c, RELAY, 0, (int64_t)58 * KEPTCAP_GROW_MS), 59);
	assert_int_equal(keptcap_limit(&c, RELAY, 0, (int64_t)59 * KEPTCAP_GROW_MS), 0);
	keptcap_free(&c);
}

static void
the_oldest_is_forgotten(void **state)
{
	struct keptcap c = { 0 };
	struct str name = { 0 };
	unsigned i;

	(void)state;
	keptcap_refused(&c, RELAY, 2, 0);
	for (i = 0; i < KEPTCAP_MAX; i++) {
		str_clear(&name);
		fmt_u64(&name, i);
		keptcap_refused(&c, str_view(&name), 2, 1 + i);
	}
	assert_int_equal(c.count, KEPTCAP_MAX);
	assert_int_equal(keptcap_limit(&c, RELAY, 20, 300), 20);
	assert_int_equal(keptcap_limit(&c, VIEW("0"), 20, 300), 1);
	str_free(&name);
	keptcap_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_has_refused),
		cmocka_unit_test(it_comes_down_to_what_the_server_takes),
		cmocka_unit_test(one_is_always_tried),
		cmocka_unit_test(it_grows_back_by_one_a_minute),
		cmocka_unit_test(the_oldest_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
