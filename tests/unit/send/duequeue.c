/* duequeue: the earliest comes first, whatever the order of adding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "send/duequeue.h"

enum { MANY = 1000 };

static void
entries_come_in_order(void **state)
{
	struct duequeue q = { 0 };
	int64_t last = -1;
	uint64_t x = 1, i;

	(void)state;
	assert_null(duequeue_first(&q));
	for (i = 0; i < MANY; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		duequeue_add(&q, (int64_t)(x >> 40), i);
	}
	for (i = 0; i < MANY; i++) {
		assert_true(duequeue_first(&q)->at >= last);
		last = duequeue_first(&q)->at;
		duequeue_drop_first(&q);
	}
	assert_null(duequeue_first(&q));
	duequeue_drop_first(&q);
	duequeue_free(&q);
}

static void
all_can_be_brought_forward(void **state)
{
	struct duequeue q = { 0 };
	int i;

	(void)state;
	for (i = 10; i > 0; i--)
		duequeue_add(&q, i * 100, (uint64_t)i);
	duequeue_bring_forward(&q, 150);
	for (i = 1; duequeue_first(&q); duequeue_drop_first(&q), i++) {
		assert_int_equal(duequeue_first(&q)->at, i * 100 - 150);
		assert_int_equal(duequeue_first(&q)->id, i);
	}
	assert_int_equal(i, 11);
	duequeue_free(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_in_order),
		cmocka_unit_test(all_can_be_brought_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
