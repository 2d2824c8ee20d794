/* messages: each is found by its number, and its index stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "send/messages.h"

enum { MANY = 5000 };

/* Numbers that fall on the same slots again and again. */
static uint64_t
id_of(uint32_t i)
{
	return i % 3 ? (uint64_t)i * 256 : i;
}

static void
each_is_found_by_number(void **state)
{
	struct messages m = { 0 };
	uint32_t index[MANY], i;

	(void)state;
	assert_int_equal(messages_find(&m, 1), MESSAGES_NONE);
	for (i = 0; i < MANY; i++)
		index[i] = messages_add(&m, id_of(i), i);
	for (i = 0; i < MANY; i += 2)
		messages_remove(&m, index[i]);
	for (i = 0; i < MANY; i++) {
		uint32_t found = messages_find(&m, id_of(i));

		assert_int_equal(found, i % 2 ? index[i] : MESSAGES_NONE);
		if (i % 2)
			assert_int_equal(messages_at(&m, found)->birth, i);
	}
	assert_int_equal(m.count, MANY / 2);
	for (i = 0; i < MANY; i += 2)
		messages_add(&m, id_of(i), i);
	assert_int_equal(m.used, MANY); /* free records are taken first */
	for (i = 0; i < MANY; i++)
		assert_int_equal(messages_at(&m, messages_find(&m, id_of(i)))->birth, i);
	messages_free(&m);
}

/* A walk over all meets those that stay, whatever goes meanwhile. */
static void
a_walk_meets_each_once(void **state)
{
	struct messages m = { 0 };
	const struct message *message;
	uint32_t cursor = 0, met = 0, i;

	(void)state;
	assert_null(messages_next(&m, &cursor));
	for (i = 1; i <= 100; i++)
		messages_add(&m, i, 0);
	while ((message = messages_next(&m, &cursor))) {
		met += (uint32_t)message->id;
		messages_remove(&m, messages_find(&m, message->id));
	}
	assert_int_equal(met, 5050);
	assert_int_equal(m.count, 0);
	messages_free(&m);
}

static void
times_are_cut(void **state)
{
	(void)state;
	assert_int_equal(messages_time(-1), 0);
	assert_int_equal(messages_time(1796000000), 1796000000);
	assert_int_equal(messages_time(INT64_MAX), UINT32_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_found_by_number),
		cmocka_unit_test(a_walk_meets_each_once),
		cmocka_unit_test(times_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
