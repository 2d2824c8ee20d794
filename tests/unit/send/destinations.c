/* destinations: found by name, and forgotten only when nothing is to be done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "send/destinations.h"

static const enum channel_kind KIND = CHANNEL_REMOTE;

enum { MANY = 3 * DESTINATIONS_IDLE_MAX };

static struct destination *
get(struct destinations *d, int n)
{
	char name[32];

	snprintf(name, sizeof name, "Host%d.example", n);
	return destinations_get(d, view_of(name));
}

static void
names_are_found(void **state)
{
	struct destinations d = { 0 };
	struct destination *one;

	(void)state;
	assert_null(destinations_find(&d, VIEW("a.example")));
	one = destinations_get(&d, VIEW("A.example"));
	assert_ptr_equal(destinations_get(&d, VIEW("a.EXAMPLE")), one);
	assert_ptr_equal(destinations_find(&d, VIEW("a.example")), one);
	assert_ptr_equal(destinations_find_hash(&d, one->hash), one);
	assert_null(destinations_find(&d, VIEW("b.example")));
	destinations_free(&d);
}

static void
only_idle_ones_are_forgotten(void **state)
{
	struct destinations d = { 0 };
	struct messages m = { 0 };
	struct destination *used = get(&d, 0), *parked = get(&d, 1), *paused = get(&d, 2);
	int i;

	(void)state;
	destinations_use(&d, used);
	destinations_park(&d, parked, &m, KIND, messages_add(&m, 5, 0));
	paused->window.opens = 100;
	destinations_suspended(&d, paused);
	for (i = 3; i < MANY; i++)
		get(&d, i);
	assert_true(d.count <= DESTINATIONS_IDLE_MAX + 3);
	assert_ptr_equal(get(&d, 0), used);
	assert_ptr_equal(get(&d, 1), parked);
	assert_ptr_equal(get(&d, 2), paused);
	assert_null(destinations_opened(&d, 99));
	assert_ptr_equal(destinations_opened(&d, 100), paused);
	assert_null(destinations_opened(&d, 100));
	assert_int_equal(
	    messages_at(&m, destinations_unpark(&d, parked, &m, KIND))->id, 5);
	destinations_release(&d, used);
	for (i = 3; i < MANY; i++)
		get(&d, i);
	assert_true(d.count <= DESTINATIONS_IDLE_MAX);
	destinations_free(&d);
	messages_free(&m);
}

static void
those_that_call_have_turns(void **state)
{
	struct destinations d = { 0 };
	struct messages m = { 0 };
	struct destination *a = get(&d, 0), *b = get(&d, 1), *c = get(&d, 2);

	(void)state;
	destinations_call(&d, a);
	assert_null(d.calling); /* nothing is parked there */
	destinations_park(&d, a, &m, KIND, messages_add(&m, 1, 0));
	destinations_park(&d, b, &m, KIND, messages_add(&m, 2, 0));
	destinations_park(&d, c, &m, KIND, messages_add(&m, 3, 0));
	destinations_call_all(&d);
	destinations_call(&d, a);
	destinations_uncall(&d, b);
	destinations_uncall(&d, b);
	assert_ptr_equal(d.calling->calling_next->calling_next, d.calling);
	destinations_uncall(&d, a);
	assert_ptr_equal(d.calling, c);
	destinations_uncall(&d, c);
	assert_null(d.calling);
	destinations_take_out(&d, &m, KIND, messages_find(&m, 2));
	assert_int_equal(b->parked.count, 0);
	destinations_free(&d);
	messages_free(&m);
}

static void
pauses_can_be_ended(void **state)
{
	struct destinations d = { 0 };
	struct destination *a = get(&d, 0), *b = get(&d, 1);

	(void)state;
	a->window.opens = 500;
	destinations_suspended(&d, a);
	b->window.opens = 700;
	destinations_suspended(&d, b);
	destinations_bring_forward(&d, 100);
	assert_int_equal(a->window.opens, 400);
	assert_ptr_equal(destinations_opened(&d, 400), a);
	destinations_open_all(&d, 450);
	assert_ptr_equal(destinations_opened(&d, 450), b);
	assert_null(destinations_opened(&d, 450));
	destinations_free(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found),
		cmocka_unit_test(only_idle_ones_are_forgotten),
		cmocka_unit_test(those_that_call_have_turns),
		cmocka_unit_test(pauses_can_be_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
