/* pace/pacerules: attributes, and which line speaks about whom. */
#include "unit/unit.h"

#include "pace/pacerules.h"

static void
test_attributes(void **state)
{
	static const struct {
		const char *text;
		bool good;
		struct pacerule rule;
	} rows[] = {
		{ "", true, { .pause = 7 } },
		{ " persecond=1\tPerMinute=2 perhour=3  perday=4 ", true,
		    { { 1, 2, 3, 4 }, 0, 7 } },
		{ "concurrency=5 pause=0", true, { .concurrency = 5 } },
		{ "concurrency=999 pause=99999", true,
		    { .concurrency = PACE_CONCURRENCY_MAX, .pause = PACE_PAUSE_MAX } },
		{ "perday=99999999999999999999", true,
		    { { 0, 0, 0, PACE_RATE_MAX }, 0, 7 } },
		{ "perday=1 perday=2", true, { { 0, 0, 0, 2 }, 0, 7 } },
		{ "perday", false, { .pause = 7 } },
		{ "perday=", false, { .pause = 7 } },
		{ "perday=1x", false, { .pause = 7 } },
		{ "perday=-1", false, { .pause = 7 } },
		{ "perday = 1", false, { .pause = 7 } },
		{ "perhour=1 perweek=1", false, { .pause = 7 } },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct pacerule rule = { .pause = 7 };

		if (pacerule_parse(view_of(rows[i].text), &rule) != rows[i].good ||
		    memcmp(&rule, &rows[i].rule, sizeof rule) != 0)
			fail_msg("'%s'", rows[i].text);
	}
}

static const char file[] = "# hosts\n"
			   "r.net:perday=1\n"
			   "a.org:perday=2\n"
			   ".a.org:perday=3\n"
			   ":perday=4 perhour=9\n"
			   "R.NET:perday=5\n"
			   "no colon\n"
			   "bad.org:never\n";

static void
test_selection(void **state)
{
	static const struct {
		const char *relay, *host;
		const char *first, *second; /* names; NULL: there is none */
		uint32_t perday, perhour, perday_behind;
	} rows[] = {
		{ "", "A.org.", "a.org", NULL, 2, 0, 0 },
		{ "", "x.a.org", "x.a.org", NULL, 3, 0, 0 },
		{ "", "b.org", "b.org", NULL, 4, 9, 0 },
		{ "r.net", "b.org", "r.net:26", NULL, 5, 0, 0 },
		{ "q.net", "a.org", "q.net:26", "a.org", 4, 9, 2 },
	};
	size_t i;

	(void)state;
	unit_write_file("control/pacing", view_of(file));
	for (i = 0; i < COUNT(rows); i++) {
		struct pace_question q = { .relay = view_of(rows[i].relay),
			.port = 26,
			.host = view_of(rows[i].host) };
		struct pacerules rules;

		assert_int_equal(pacerules_read(&q, &rules, NULL), ANSWER_YES);
		assert_int_equal(rules.count, rows[i].second ? 2 : 1);
		assert_view_equal(str_view(&rules.at[0].name), view_of(rows[i].first));
		assert_int_equal(rules.at[0].rule.rate[PACE_DAY], rows[i].perday);
		assert_int_equal(rules.at[0].rule.rate[PACE_HOUR], rows[i].perhour);
		assert_int_equal(rules.at[0].rule.pause, PACE_PAUSE);
		if (rows[i].second) {
			assert_view_equal(
			    str_view(&rules.at[1].name), view_of(rows[i].second));
			assert_int_equal(
			    rules.at[1].rule.rate[PACE_DAY], rows[i].perday_behind);
		}
		pacerules_free(&rules);
	}
}

static void
test_broken(void **state)
{
	struct pace_question q = { .host = VIEW("bad.org") };
	struct problem problem = { 0 };
	struct pacerules rules;

	(void)state;
	unit_write_file("control/pacing", view_of(file));
	assert_int_equal(pacerules_read(&q, &rules, &problem), ANSWER_ERROR);
	assert_string_equal(problem.where, "control/pacing:8");
	assert_int_equal(rules.count, 0);
}

static void
test_nothing(void **state)
{
	struct pace_question q = { .host = VIEW("a.org") };
	struct pacerules rules;

	(void)state;
	unlink("control/pacing");
	assert_int_equal(pacerules_read(&q, &rules, NULL), ANSWER_NO);
	q.route = VIEW("name");
	assert_int_equal(pacerules_read(&q, &rules, NULL), ANSWER_NO);
	assert_int_equal(rules.count, 0);
}

/* From the general to the particular: a line about all, the route's directory, a line about it. */
static void
test_named_route(void **state)
{
	struct pace_question q = { .route = VIEW("name"),
		.relay = VIEW("r.net"),
		.port = 25,
		.host = VIEW("x") };
	struct pacerules rules;

	(void)state;
	mkdir("control/routes", 0755);
	mkdir("control/routes/name", 0755);
	unit_write_file("control/routes/name/persecond", BYTES("14\n"));
	unit_write_file("control/routes/name/perday", BYTES("50000\n"));
	unit_write_file("control/routes/name/profile", BYTES("provider\n"));
	mkdir("profiles", 0755);
	mkdir("profiles/provider", 0755);
	unit_write_file("profiles/provider/persecond", BYTES("1\n"));
	unit_write_file("profiles/provider/concurrency", BYTES("6\n"));
	unit_write_file("profiles/provider/slowdown", BYTES("450 x slow\n"));
	unlink("control/pacing");
	assert_int_equal(pacerules_read(&q, &rules, NULL), ANSWER_YES);
	assert_view_equal(str_view(&rules.at[0].name), BYTES("@name"));
	assert_int_equal(rules.at[0].rule.rate[PACE_SECOND], 14);
	assert_int_equal(rules.at[0].rule.concurrency, 6);
	assert_int_equal(rules.slowdown.count, 1);
	pacerules_free(&rules);
	unit_write_file("control/pacing",
	    BYTES(":perhour=7 perday=8\n@name:persecond=3\n@other:persecond=4\n"));
	assert_int_equal(pacerules_read(&q, &rules, NULL), ANSWER_YES);
	assert_int_equal(rules.at[0].rule.rate[PACE_SECOND], 3);
	assert_int_equal(rules.at[0].rule.rate[PACE_HOUR], 7);
	assert_int_equal(rules.at[0].rule.rate[PACE_DAY], 50000);
	pacerules_free(&rules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_selection),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_named_route),
	};

	return cmocka_run_group_tests_name(
	    "pace/pacerules", tests, unit_enter_directory, NULL);
}
