/* stockroute: what a stock qmail-remote makes of lines, those of outbound 3.2 among them. */
#include "unit/unit.h"

#include "try/stockroute.h"

static const struct {
	const char *name, *line;
	enum stockroute expected;
} rows[] = {
	{ "row 1", ":smtp.elasticemail.com:2525 api_username api_password",
	    STOCKROUTE_SAME },
	{ "row 2", ":r.net -joe s e c", STOCKROUTE_BOUNCES },
	{ "row 3", ":r.net:587|joe|a|b c:d", STOCKROUTE_SAME },
	{ "row 4", ":r.net:587 jo|e p|w", STOCKROUTE_SAME },
	{ "row 5", ":r.net:465|joe|pw", STOCKROUTE_SAME },
	{ "row 6", ":r.net;s2465|joe|pw", STOCKROUTE_BOUNCES },
	{ "row 7", ":[2001:db8::1]:587|joe|pw", STOCKROUTE_BOUNCES6 },
	{ "row 8", ":2001:db8::1;587|joe|pw", STOCKROUTE_BOUNCES6 },
	{ "row 9", ":r.net:587:0 joe pw", STOCKROUTE_SAME },
	{ "row 10", ":r.net::3600:120 joe pw", STOCKROUTE_DEFERS },
	{ "row 11", "x.org:", STOCKROUTE_SAME },
	{ "row 12", "x.org:[192.0.2.7]:26", STOCKROUTE_SAME },
	{ "row 13", "[192.0.2.9]:r.net", STOCKROUTE_SAME },
	{ "row 14", "!@:bounce.r.net:27", STOCKROUTE_OTHER },
	{ "row 15", "x.org: r.net", STOCKROUTE_BOUNCES },
	{ "row 16", "x.org:r.net:", STOCKROUTE_DEFERS },
	{ "row 17", ":r.net|joe", STOCKROUTE_BOUNCES },
	{ "a name", "x.org:@isp", STOCKROUTE_BOUNCES },
	{ "a recipient", "u@x.org:r.net:25", STOCKROUTE_OTHER },
	{ "an IPv6 key", "[IPv6:::1]:r.net:25", STOCKROUTE_OTHER },
	{ "only a credential", "x.org: joe pw", STOCKROUTE_BOUNCES },
	{ "implicit TLS", "x.org:r.net:s465", STOCKROUTE_DEFERS },
	{ "a tab", "x.org:r.net\tjoe pw", STOCKROUTE_BOUNCES },
	{ "plain", "x.org:r.net", STOCKROUTE_SAME },
};

static void
test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		if (stockroute_of(view_of(rows[i].line)) != rows[i].expected)
			fail_msg("%s", rows[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
