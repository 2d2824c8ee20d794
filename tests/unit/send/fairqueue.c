/* fairqueue: each sender has its turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "send/fairqueue.h"

static const enum channel_kind KIND = CHANNEL_REMOTE;

static void
put(struct fairqueue *q, struct messages *m, uint64_t id, uint32_t sender)
{
	uint32_t index = messages_add(m, id, 0);

	messages_at(m, index)->sender = sender;
	fairqueue_add(q, m, KIND, index);
}

static uint64_t
take(struct fairqueue *q, const struct messages *m)
{
	uint32_t index = fairqueue_take(q, m, KIND);

	return index == MESSAGES_NONE ? 0 : messages_at(m, index)->id;
}

static void
senders_take_turns(void **state)
{
	static const uint64_t order[] = { 1, 101, 201, 2, 102, 3, 4, 5, 0 };
	struct fairqueue q = { 0 };
	struct messages m = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(take(&q, &m), 0);
	for (i = 1; i <= 5; i++)
		put(&q, &m, i, 7);
	put(&q, &m, 101, 8);
	put(&q, &m, 102, 8);
	put(&q, &m, 201, 9);
	for (i = 0; i < sizeof order / sizeof *order; i++)
		assert_int_equal(take(&q, &m), order[i]);
	assert_int_equal(q.count, 0);
	fairqueue_free(&q);
	messages_free(&m);
}

static void
one_can_be_taken_out(void **state)
{
	static const uint64_t order[] = { 2, 4, 6, 0 };
	struct fairqueue q = { 0 };
	struct messages m = { 0 };
	size_t i;

	(void)state;
	for (i = 1; i <= 5; i++)
		put(&q, &m, i, 7);
	for (i = 1; i <= 5; i += 2)
		assert_true(
		    fairqueue_remove(&q, &m, KIND, messages_find(&m, (uint64_t)i)));
	assert_false(fairqueue_remove(&q, &m, KIND, messages_find(&m, 1)));
	put(&q, &m, 6, 7);
	for (i = 0; i < sizeof order / sizeof *order; i++)
		assert_int_equal(take(&q, &m), order[i]);
	fairqueue_free(&q);
	messages_free(&m);
}

static void
what_is_next_is_taken(void **state)
{
	struct fairqueue q = { 0 };
	struct messages m = { 0 };
	uint32_t i, next;

	(void)state;
	assert_int_equal(fairqueue_next(&q), MESSAGES_NONE);
	for (i = 1; i <= 100; i++)
		put(&q, &m, i, i * 37);
	for (i = 1; i <= 100; i++) {
		next = fairqueue_next(&q);
		assert_int_equal(fairqueue_take(&q, &m, KIND), next);
	}
	fairqueue_free(&q);
	messages_free(&m);
}

static void
extensions_do_not_make_a_sender(void **state)
{
	static const struct {
		const char *one, *other;
		int same;
	} cases[] = {
		{ "joe@example.org", "JOE@example.ORG", 1 },
		{ "joe-list-17@example.org", "joe@example.org", 1 },
		{ "bounces+1=a.b@example.org", "bounces+2=c.d@example.org", 1 },
		{ "joe@example.org", "jim@example.org", 0 },
		{ "joe@example.org", "joe@example.net", 0 },
		{ "", "joe@example.org", 0 },
		{ "", "", 1 },
		{ "-@x", "+@x", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(fairqueue_sender(view_of(cases[i].one)) ==
			fairqueue_sender(view_of(cases[i].other)),
		    cases[i].same);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(senders_take_turns),
		cmocka_unit_test(one_can_be_taken_out),
		cmocka_unit_test(what_is_next_is_taken),
		cmocka_unit_test(extensions_do_not_make_a_sender),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
