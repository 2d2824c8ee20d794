/* keptworker: which kept connection is offered a delivery, and which is closed (outbound 5.5, rows 5, 6,
 * 13, 15, 17). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "spawn/keptworker.h"

enum { WORKERS = 6 };

struct row {
	enum kept_state state;
	bool relayed;
	const char *host, *sender, *destination;
	char route;
	int since_ms, opened_ms;
	unsigned messages;
	uint64_t refused, expected;
};

static const struct row rows[WORKERS] = {
	{ KEPT_PARKED, true, "a.example", "s@x", "relay", 'R', 1000, 0, 5, 0, 0 },
	{ KEPT_PARKED, false, "b.example", "s@x", "b.example", 'B', 2000, 0, 5, 0, 0 },
	{ KEPT_BUSY, true, "c.example", "t@x", "relay", 'R', 0, 0, 0, 0, 0 },
	{ KEPT_PARKED, true, "a.example", "t@x", "relay", 'S', 3000, 0, 5, 0, 0 },
	{ KEPT_HELD, true, "d.example", "t@x", "relay", 'R', 4000, 0, 0, 0, 0 },
	{ KEPT_NONE, false, "", "", "", 0, 0, 0, 0, 0, 0 },
};

static void
make_one(struct kept_worker *w, const struct row *row)
{
	*w = (struct kept_worker) {
		.state = row->state,
		.fd = -1,
		.relayed = row->relayed,
		.since_ms = row->since_ms,
		.opened_ms = row->opened_ms,
		.messages = row->messages,
		.refused = row->refused,
		.expected = row->expected,
		.job_count = row->state == KEPT_BUSY,
	};
	memset(w->route, row->route, sizeof w->route);
	str_set(&w->host, view_of(row->host));
	str_set(&w->sender, view_of(row->sender));
	str_set(&w->destination, view_of(row->destination));
}

static struct kept_worker *
make(struct kept_worker list[WORKERS])
{
	size_t i;

	for (i = 0; i < WORKERS; i++)
		make_one(&list[i], &rows[i]);
	return list;
}

static void
unmake(struct kept_worker list[WORKERS])
{
	size_t i;

	for (i = 0; i < WORKERS; i++) {
		str_free(&list[i].host);
		str_free(&list[i].sender);
		str_free(&list[i].destination);
	}
}

static void
the_likeliest_is_chosen(void **state)
{
	static const struct {
		const char *name, *host, *sender;
		char route;
		int refused; /* worker that has refused it; -1: none */
		size_t want;
	} cases[] = {
		{ "host and sender", "a.example", "s@x", 0, -1, 0 },
		{ "another sender", "a.example", "t@x", 0, -1, 3 },
		{ "host, whatever its case", "B.Example", "s@x", 0, -1, 1 },
		{ "exchangers only for their host", "z.example", "u@x", 0, 3, 0 },
		{ "any relay, that of the sender first", "z.example", "s@x", 0, -1, 0 },
		{ "any relay, the last parked", "z.example", "u@x", 0, -1, 3 },
		{ "it has refused", "a.example", "s@x", 0, 0, 3 },
		{ "the route is known", "z.example", "u@x", 'R', -1, 0 },
		{ "nobody has the route", "a.example", "s@x", 'Q', -1, WORKERS },
		{ "with the route, but has refused", "z.example", "u@x", 'R', 0,
		    WORKERS },
	};
	struct kept_worker list[WORKERS];
	char route[KEPT_ROUTE];
	size_t i, got;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct kept_wish wish = { view_of(cases[i].host),
			view_of(cases[i].sender),
			{ route, cases[i].route ? sizeof route : 0 }, 7 };

		make(list);
		memset(route, cases[i].route, sizeof route);
		if (cases[i].refused >= 0)
			list[cases[i].refused].refused = 7;
		got = kept_choose(list, WORKERS, &wish);
		if (got != cases[i].want)
			fail_msg("%s: %zu", cases[i].name, got);
		unmake(list);
	}
}

static void
one_delivery_waits_for_who_has_reported(void **state)
{
	struct kept_worker list[WORKERS];
	struct kept_wish wish = { VIEW("z.example"), VIEW("u@x"), VIEW(""), 7 };

	(void)state;
	make(list);
	assert_int_equal(kept_settling(list, WORKERS, &wish), WORKERS);
	list[2].reported[0] = true;
	assert_int_equal(kept_settling(list, WORKERS, &wish), 2);
	list[2].expected = 7;
	assert_int_equal(kept_settling(list, WORKERS, &wish), 2);
	list[2].expected = 8;
	assert_int_equal(kept_settling(list, WORKERS, &wish), WORKERS);
	list[2].expected = 0;
	list[2].relayed = false;
	assert_int_equal(kept_settling(list, WORKERS, &wish), WORKERS);
	wish.host = VIEW("c.example");
	assert_int_equal(kept_settling(list, WORKERS, &wish), 2);
	unmake(list);
}

static void
connections_are_counted_by_destination(void **state)
{
	struct kept_worker list[WORKERS];

	(void)state;
	make(list);
	assert_int_equal(kept_connections(list, WORKERS, VIEW("relay")), 3);
	assert_int_equal(kept_connections(list, WORKERS, VIEW("b.example")), 1);
	assert_int_equal(kept_connections(list, WORKERS, VIEW("c.example")), 0);
	assert_int_equal(kept_oldest_parked(list, WORKERS, VIEW("")), 0);
	assert_int_equal(kept_oldest_parked(list, WORKERS, VIEW("b.example")), 1);
	assert_int_equal(kept_oldest_parked(list, WORKERS, VIEW("c.example")), WORKERS);
	unmake(list);
}

static void
what_expires(void **state)
{
	static const struct {
		const char *name;
		struct keptsettings settings;
		int64_t now_ms;
		size_t want;
		int64_t next_ms;
	} cases[] = {
		{ "nothing", { 100, 5, 300, 32, 1, 20, 20, 0, 100 }, 5999, WORKERS,
		    6000 },
		{ "idle", { 100, 5, 300, 32, 1, 20, 20, 0, 100 }, 6000, 0, 6000 },
		{ "idle 0", { 100, 0, 300, 32, 1, 20, 20, 0, 100 }, 3000, 0, 1000 },
		{ "age", { 100, 500, 4, 32, 1, 20, 20, 0, 100 }, 4000, 0, 4000 },
		{ "age not yet", { 100, 500, 4, 32, 1, 20, 20, 0, 100 }, 3999, WORKERS,
		    4000 },
		{ "messages", { 5, 500, 300, 32, 1, 20, 20, 0, 100 }, 3000, 0, 34000 },
		{ "no more to be kept", { 1, 500, 300, 32, 1, 20, 20, 0, 100 }, 3000, 0,
		    34000 },
	};
	struct kept_worker list[WORKERS];
	size_t i, got;

	(void)state;
	make(list);
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		got = kept_expired(list, WORKERS, &cases[i].settings, cases[i].now_ms);
		if (got != cases[i].want ||
		    kept_next_ms(list, WORKERS, &cases[i].settings) != cases[i].next_ms)
			fail_msg("%s: %zu", cases[i].name, got);
	}
	unmake(list);
}

static void
what_is_too_many(void **state)
{
	struct keptsettings settings = { 100, 5, 300, 3, 1, 20, 20, 0, 100 };
	struct kept_worker list[WORKERS];

	(void)state;
	make(list);
	assert_int_equal(kept_surplus(list, WORKERS, &settings, 4000), WORKERS);
	settings.sessions = 2;
	assert_int_equal(kept_surplus(list, WORKERS, &settings, 1000), 0);
	settings.sessions = 32;
	assert_int_equal(kept_next_ms(list, WORKERS, &settings), 6000);
	list[4].state = KEPT_PARKED; /* the third for one relay */
	assert_int_equal(kept_surplus(list, WORKERS, &settings, 1999), WORKERS);
	assert_int_equal(kept_next_ms(list, WORKERS, &settings), 2000);
	assert_int_equal(kept_surplus(list, WORKERS, &settings, 2000), 0);
	list[0].since_ms = 9000;
	assert_int_equal(kept_surplus(list, WORKERS, &settings, 4000), 3);
	unmake(list);
}

/* Row 16: 30 seconds, then Z. */
static void
how_long_a_delivery_waits(void **state)
{
	struct kept_worker w = { .state = KEPT_HELD, .since_ms = 4000 };

	(void)state;
	assert_false(kept_waited_enough(&w, 33999));
	assert_true(kept_waited_enough(&w, 34000));
}

static void
who_hangs(void **state)
{
	static const struct {
		const char *name;
		enum kept_state state;
		bool reported;
		int64_t patience_ms; /* 0: for ever */
	} cases[] = {
		{ "free", KEPT_NONE, false, 0 },
		{ "a plan", KEPT_ASKED, false, 300000 },
		{ "an offer", KEPT_OFFERED, false, 300000 },
		{ "that is us", KEPT_HELD, false, 0 },
		{ "a delivery", KEPT_BUSY, false, 100000 + 60000 },
		{ "reply to RSET", KEPT_BUSY, true, 15000 },
		{ "parked", KEPT_PARKED, false, 0 },
	};
	struct keptsettings settings = { .idle = 5, .age = 300, .delivery = 100 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct kept_worker w = {
			.state = cases[i].state,
			.since_ms = 1000,
			.job_count = 1,
			.reported = { cases[i].reported },
		};
		int64_t due = 1000 + cases[i].patience_ms;
		bool hangs = cases[i].patience_ms > 0;

		if (kept_hanging(&w, 1, &settings, due - 1) != 1 ||
		    kept_hanging(&w, 1, &settings, due) != !hangs ||
		    (hangs && kept_next_ms(&w, 1, &settings) != due))
			fail_msg("%s", cases[i].name);
		w.killed = true; /* once is enough */
		if (kept_hanging(&w, 1, &settings, due) != 1 ||
		    (hangs && kept_next_ms(&w, 1, &settings) != INT64_MAX))
			fail_msg("%s, killed", cases[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_likeliest_is_chosen),
		cmocka_unit_test(one_delivery_waits_for_who_has_reported),
		cmocka_unit_test(connections_are_counted_by_destination),
		cmocka_unit_test(what_expires),
		cmocka_unit_test(what_is_too_many),
		cmocka_unit_test(how_long_a_delivery_waits),
		cmocka_unit_test(who_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
