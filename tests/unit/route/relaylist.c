/* relaylist: the lines of control/routes/NAME/relay, and the order in which relays are tried. */
#include "unit/unit.h"

#include "route/relaylist.h"

static const struct {
	const char *line, *name; /* NULL: refused */
	int port;
	bool tls;
	int order, weight;
} rows[] = {
	{ "r.net", "r.net", 25, false, 0, 1 },
	{ "r.net:587", "r.net", 587, false, 0, 1 },
	{ "r.net:465 10", "r.net", 465, true, 10, 1 },
	{ "  r.net:s443 \t 10  20 ", "r.net", 443, true, 10, 20 },
	{ "[2001:db8::1]:587 0 0", "2001:db8::1", 587, false, 0, 0 },
	{ "192.0.2.1;26 65535 65535", "192.0.2.1", 26, false, 65535, 65535 },
	{ "r.net:587 10 20 30", NULL, 0, false, 0, 0 },
	{ "r.net:587 joe pw", NULL, 0, false, 0, 0 },
	{ "r.net:587|joe|pw", NULL, 0, false, 0, 0 },
	{ "r.net|joe", NULL, 0, false, 0, 0 },
	{ "r.net 65536", NULL, 0, false, 0, 0 },
	{ "r.net -1", NULL, 0, false, 0, 0 },
	{ "r.net:x", NULL, 0, false, 0, 0 },
	{ "@other", NULL, 0, false, 0, 0 },
	{ "", NULL, 0, false, 0, 0 },
};

static void
lines(void **state)
{
	struct route_value usual = route_usual(ROUTE_SMTP);
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct relaylist list = { 0 };
		const struct relay *relay = &list.relays[0];
		bool ok = relaylist_add_line(&list, view_of(rows[i].line), &usual, NULL);

		if (ok != (rows[i].name != NULL))
			fail_msg("'%s'", rows[i].line);
		assert_int_equal(list.count, ok);
		if (ok) {
			assert_view_equal(str_view(&relay->name), view_of(rows[i].name));
			assert_int_equal(relay->port, rows[i].port);
			assert_int_equal(relay->implicit_tls, rows[i].tls);
			assert_int_equal(relay->order, rows[i].order);
			assert_int_equal(relay->weight, rows[i].weight);
		}
		relaylist_free(&list);
	}
}

static void
usual_port(void **state)
{
	struct route_value usual = route_usual(ROUTE_SMTP), value;
	struct relaylist list = { 0 };

	(void)state;
	assert_true(route_parse_port(VIEW("s2465"), &usual));
	assert_true(relaylist_add_line(&list, VIEW("a"), &usual, &value));
	assert_int_equal(value.port, 2465);
	assert_true(list.relays[0].implicit_tls);
	assert_true(relaylist_add_line(&list, VIEW("b:26:0"), &usual, &value));
	assert_int_equal(list.relays[1].port, 26);
	assert_false(list.relays[1].implicit_tls);
	assert_true(value.has_penalty);
	while (list.count < RELAYLIST_MAX)
		assert_true(relaylist_add_line(&list, VIEW("c"), &usual, NULL));
	assert_false(relaylist_add_line(&list, VIEW("d"), &usual, NULL));
	relaylist_free(&list);
}

/* How often each of the relays is first, of many draws. */
static void
draw(const char *const *relays, size_t count, size_t *firsts)
{
	struct route_value usual = route_usual(ROUTE_SMTP);
	struct relaylist list = { 0 };
	size_t order[RELAYLIST_MAX], i;
	uint64_t seed;

	for (i = 0; i < count; i++) {
		firsts[i] = 0;
		assert_true(relaylist_add_line(&list, view_of(relays[i]), &usual, NULL));
	}
	for (seed = 0; seed < 3000; seed++) {
		bool seen[RELAYLIST_MAX] = { false };

		relaylist_order(&list, seed * 7919, order);
		firsts[order[0]]++;
		for (i = 0; i < count; i++) {
			assert_false(seen[order[i]]);
			seen[order[i]] = true;
			if (i > 0)
				assert_true(list.relays[order[i - 1]].order <=
				    list.relays[order[i]].order);
		}
	}
	relaylist_free(&list);
}

static void
orders(void **state)
{
	static const char *const by_order[] = { "b 20", "a 10", "c 30" };
	static const char *const by_weight[] = { "a 0 1", "b 0 2", "c 0 0" };
	static const char *const none[] = { "a 0 0", "b 0 0" };
	size_t firsts[3];

	(void)state;
	draw(by_order, 3, firsts);
	assert_int_equal(firsts[1], 3000);
	draw(by_weight, 3, firsts);
	assert_in_range(firsts[0], 800, 1200);
	assert_in_range(firsts[1], 1800, 2200);
	assert_int_equal(firsts[2], 0);
	draw(none, 2, firsts);
	assert_int_equal(firsts[0] + firsts[1], 3000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(usual_port),
		cmocka_unit_test(orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
