/* destination: how many at a time, and when none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "send/destination.h"

enum { MOST = 15, NOW = 1000000 };

/* Fill the window, and say the same of each. */
static unsigned
a_round(struct destination_window *w, enum destination_news news, int64_t now)
{
	unsigned begun = 0, i;

	while (destination_has_room(w, MOST, now)) {
		destination_begin(w, MOST);
		begun++;
	}
	for (i = 0; i < begun; i++) {
		destination_tell(w, news, MOST, now, 0, DESTINATION_PAUSE_MAX);
		w->running--;
	}
	return begun;
}

static void
success_lets_it_grow(void **state)
{
	static const unsigned rounds[] = { 1, 2, 4, 8, 15, 15 };
	struct destination_window w = { 0 };
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof rounds / sizeof *rounds; i++)
		assert_int_equal(a_round(&w, DESTINATION_SERVED, NOW), rounds[i]);
}

static void
one_at_a_time_does_not_let_it_grow(void **state)
{
	struct destination_window w = { .window = 4 };
	int i;

	(void)state;
	for (i = 0; i < 10; i++) {
		destination_begin(&w, MOST);
		destination_tell(
		    &w, DESTINATION_SERVED, MOST, NOW, 0, DESTINATION_PAUSE_MAX);
		w.running--;
	}
	assert_int_equal(w.window, 4);
}

static void
failure_halves_and_suspends(void **state)
{
	struct destination_window w = { .window = 8, .running = 8 };

	(void)state;
	assert_false(destination_tell(
	    &w, DESTINATION_CROWDED, MOST, NOW, 0, DESTINATION_PAUSE_MAX));
	assert_int_equal(w.window, 4);
	assert_false(destination_tell(
	    &w, DESTINATION_UNREACHABLE, MOST, NOW, 0, DESTINATION_PAUSE_MAX));
	assert_int_equal(w.window, 2);
	assert_false(destination_tell(
	    &w, DESTINATION_UNREACHABLE, MOST, NOW, 0, DESTINATION_PAUSE_MAX));
	assert_int_equal(w.window, 1);
	assert_true(destination_tell(
	    &w, DESTINATION_UNREACHABLE, MOST, NOW, 7, DESTINATION_PAUSE_MAX));
	assert_int_equal(w.opens, NOW + DESTINATION_PAUSE + 7);
	assert_true(destination_is_suspended(&w, NOW));
	/* Those that began before say nothing new. */
	assert_false(destination_tell(
	    &w, DESTINATION_UNREACHABLE, MOST, NOW, 0, DESTINATION_PAUSE_MAX));
	w.running = 0;
	assert_false(destination_has_room(&w, MOST, NOW));
	assert_true(destination_has_room(&w, MOST, w.opens));
}

static void
pauses_can_be_short_or_none(void **state)
{
	struct destination_window w = { .running = 1 };
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_false(
		    destination_tell(&w, DESTINATION_UNREACHABLE, MOST, NOW, 9, 0));
	assert_false(destination_is_suspended(&w, NOW));
	assert_true(destination_tell(&w, DESTINATION_UNREACHABLE, MOST, NOW, 9, 3));
	assert_int_equal(w.opens, NOW + 3);
}

static void
one_failure_is_none(void **state)
{
	struct destination_window w = { 0 };

	(void)state;
	w.running = 1;
	assert_false(destination_tell(
	    &w, DESTINATION_UNREACHABLE, MOST, NOW, 0, DESTINATION_PAUSE_MAX));
	destination_tell(&w, DESTINATION_ANSWERED, MOST, NOW, 0, DESTINATION_PAUSE_MAX);
	assert_false(destination_tell(
	    &w, DESTINATION_UNREACHABLE, MOST, NOW, 0, DESTINATION_PAUSE_MAX));
	assert_false(destination_is_suspended(&w, NOW));
}

static void
pauses_get_longer(void **state)
{
	static const int64_t pauses[] = { 60, 120, 240, 480, 960, 1920, 3600, 3600 };
	struct destination_window w = { .running = 1 };
	int64_t now = NOW;
	size_t i;

	(void)state;
	destination_tell(
	    &w, DESTINATION_UNREACHABLE, MOST, now, 0, DESTINATION_PAUSE_MAX);
	for (i = 0; i < sizeof pauses / sizeof *pauses; i++) {
		assert_true(destination_tell(
		    &w, DESTINATION_UNREACHABLE, MOST, now, 0, DESTINATION_PAUSE_MAX));
		assert_int_equal(w.opens - now, pauses[i]);
		now = w.opens;
	}
	destination_tell(&w, DESTINATION_SERVED, MOST, now, 0, DESTINATION_PAUSE_MAX);
	assert_false(destination_is_suspended(&w, now));
	destination_tell(
	    &w, DESTINATION_UNREACHABLE, MOST, now, 0, DESTINATION_PAUSE_MAX);
	destination_tell(
	    &w, DESTINATION_UNREACHABLE, MOST, now, 0, DESTINATION_PAUSE_MAX);
	destination_tell(
	    &w, DESTINATION_UNREACHABLE, MOST, now, 0, DESTINATION_PAUSE_MAX);
	assert_true(w.opens - now >= 60 && w.opens - now <= 60);
}

/* A message that nobody wants must not stop the others. */
static void
refusals_of_messages_do_not_suspend(void **state)
{
	struct destination_window w = { .window = 8, .running = 8 };
	int i;

	(void)state;
	assert_false(destination_tell(
	    &w, DESTINATION_RELUCTANT, MOST, NOW, 0, DESTINATION_PAUSE_MAX));
	assert_int_equal(w.window, 4);
	for (i = 0; i < 10; i++)
		assert_false(destination_tell(
		    &w, DESTINATION_RELUCTANT, MOST, NOW, 0, DESTINATION_PAUSE_MAX));
	w.running = 0;
	assert_true(destination_has_room(&w, MOST, NOW));
	destination_begin(&w, MOST);
	assert_false(destination_has_room(&w, MOST, NOW));
}

/* A quarter of the pause at most is added. */
static void
pauses_are_spread(void **state)
{
	uint32_t random;

	(void)state;
	for (random = 0; random < 100000; random += 997) {
		struct destination_window w = { .running = 1, .failures = 1 };

		assert_true(destination_tell(&w, DESTINATION_UNREACHABLE, MOST, NOW,
		    random, DESTINATION_PAUSE_MAX));
		assert_in_range(w.opens - NOW, 60, 74);
	}
}

static void
nothing_changes_nothing(void **state)
{
	struct destination_window w = { .running = 1, .failures = 1, .window = 3 };

	(void)state;
	assert_false(destination_tell(
	    &w, DESTINATION_NOTHING, MOST, NOW, 0, DESTINATION_PAUSE_MAX));
	assert_int_equal(w.failures, 1);
	assert_int_equal(w.window, 3);
}

static void
reports_are_judged(void **state)
{
	static const struct {
		const char *report;
		enum destination_news news;
	} cases[] = {
		{ "", DESTINATION_NOTHING },
		{ "?", DESTINATION_NOTHING },
		{ "K1.2.3.4 accepted message.\nRemote host said: 250 ok\n",
		    DESTINATION_SERVED },
		{ "DGiving up on 1.2.3.4.\n", DESTINATION_ANSWERED },
		{ "ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n",
		    DESTINATION_UNREACHABLE },
		{ "ZConnected to 1.2.3.4 but connection died. (#4.4.2)\n",
		    DESTINATION_UNREACHABLE },
		{ "ZSorry, I couldn't find any host by that name. (#4.1.2)\n",
		    DESTINATION_UNREACHABLE },
		{ "ZConnected to 1.2.3.4 but greeting failed.\nRemote host said: 554 go "
		  "away\n",
		    DESTINATION_UNREACHABLE },
		{ "ZConnected to 1.2.3.4 but greeting failed.\nRemote host said: 421 "
		  "busy\n",
		    DESTINATION_CROWDED },
		{ "Z1.2.3.4 does not like recipient.\nRemote host said: 450 greylisted\n",
		    DESTINATION_ANSWERED },
		{ "Z1.2.3.4 does not like recipient.\nRemote host said: 421 too many\n",
		    DESTINATION_CROWDED },
		{ "ZConnected to 1.2.3.4 but sender was rejected.\nRemote host said: 451 "
		  "later\n",
		    DESTINATION_RELUCTANT },
		{ "ZConnected to 1.2.3.4 but authentication was rejected (PLAIN). "
		  "(#4.7.8)\nRemote host said: 454 later\n",
		    DESTINATION_NOTHING },
		{ "ZConnected to 1.2.3.4 but authentication was rejected (PLAIN). "
		  "(#4.7.8)\nRemote host said: 535 no\n",
		    DESTINATION_NOTHING },
		{ "Z1.2.3.4 failed after I sent the message.\nRemote host said: 452 "
		  "full\n",
		    DESTINATION_RELUCTANT },
		{ "ZUnable to read message. (#4.3.0)\n", DESTINATION_NOTHING },
		{ "Zqmail-remote crashed.\n", DESTINATION_NOTHING },
		/* What the other side says is not what we say. */
		{ "Z1.2.3.4 does not like recipient.\nRemote host said: 450 no (#4.4.1) "
		  "421\n",
		    DESTINATION_ANSWERED },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(
		    destination_judge(view_of(cases[i].report)), cases[i].news);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(success_lets_it_grow),
		cmocka_unit_test(one_at_a_time_does_not_let_it_grow),
		cmocka_unit_test(failure_halves_and_suspends),
		cmocka_unit_test(one_failure_is_none),
		cmocka_unit_test(pauses_can_be_short_or_none),
		cmocka_unit_test(pauses_get_longer),
		cmocka_unit_test(refusals_of_messages_do_not_suspend),
		cmocka_unit_test(pauses_are_spread),
		cmocka_unit_test(nothing_changes_nothing),
		cmocka_unit_test(reports_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
