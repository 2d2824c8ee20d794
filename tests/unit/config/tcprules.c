/* tcprules: what a line is, and which of them is for a client. */
#include "config/tcprules.h"

#include "unit/unit.h"

static void
lines(void **state)
{
	static const struct {
		const char *line, *address, *sets;
		bool denies;
	} good[] = {
		{ ":allow", "", "", false },
		{ "1.2.3.:deny", "1.2.3.", "", true },
		{ "::1:allow,A=\"1\"", "::1", ",A=\"1\"", false },
		{ "2001:db8::deny", "2001:db8:", "", true },
		{ "1.2.3.4:allow,A=xyx,B=!y z!", "1.2.3.4", ",A=xyx,B=!y z!", false },
		{ "a@1.2.3.4:allow", "a@1.2.3.4", "", false },
	};
	static const char *const bad[] = { "", "1.2.3.4", "1.2.3.4:", "1.2.3.4:foo",
		"1.2.3.4:allowx", "1.2.3.4:allow ,A=\"1\"", "1.2.3.4:allow,A",
		"1.2.3.4:allow,A=", "1.2.3.4:allow,A=\"1", "1.2.3.4:allow,=\"1\"",
		"1.2.3.4:allow,A=\"1\"x", ":deny:allow" };
	struct tcprules_line line;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof good / sizeof *good; i++) {
		assert_null(tcprules_parse(view_of(good[i].line), &line));
		assert_view_equal(line.address, view_of(good[i].address));
		assert_view_equal(line.sets, view_of(good[i].sets));
		assert_int_equal(line.denies, good[i].denies);
	}
	assert_non_null(tcprules_parse(VIEW("1.2.3.4:allow,A\0B=\"1\""), &line));
	assert_non_null(tcprules_parse(VIEW("1.2.3.4:allow,A=\"1\0D\""), &line));
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_non_null(tcprules_parse(view_of(bad[i]), &line));
}

static const char text[] = "# one\n"
			   "1.2.3.4-6:allow,A=\"a\"\n"
			   "1.2.3.5:deny\n"
			   "joe@9.9.9.9:allow,A=\"joe\"\n"
			   "=h.example:allow,A=\"h\"\n"
			   "=.example:allow,A=\"dot\"\n"
			   "10.:deny\n"
			   "7.7.7.9-3:deny\n"
			   "2001:db8::allow,A=\"six\"\n";

static void
find(const char *ip, const char *host, const char *info, size_t line, const char *sets)
{
	const struct tcprules_client client = { view_of(ip), view_of(host),
		view_of(info) };
	struct control_list list = { 0 };
	struct tcprule rule = { 0 };
	struct problem problem;
	enum answer found;

	control_list_parse(view_of(text), &list);
	found = tcprules_find("rules", &list, &client, &rule, &problem);
	assert_int_equal(found, line ? ANSWER_YES : ANSWER_NO);
	assert_int_equal(rule.line, line);
	assert_int_equal(rule.denies, line && !sets);
	if (sets)
		assert_string_equal(str_text(&rule.sets), sets);
	tcprule_free(&rule);
	control_list_free(&list);
}

static void
clients(void **state)
{
	(void)state;
	find("1.2.3.4", "", "", 2, "A=a");
	find("1.2.3.5", "", "", 2, "A=a"); /* the first of two */
	find("1.2.3.7", "", "", 0, NULL);
	find("1.2.3.04", "", "", 0, NULL);
	find("9.9.9.9", "", "joe", 4, "A=joe");
	find("9.9.9.9", "", "ann", 0, NULL);
	find("9.9.9.9", "h.example", "ann", 5, "A=h");
	find("9.9.9.9", "a.b.example", "", 6, "A=dot");
	find("9.9.9.9", "example", "", 0, NULL);
	find("10.0.0.1", "h.example", "", 5, "A=h"); /* the whole before a part */
	find("10.0.0.1", "x.example", "", 7, NULL);
	find("100.0.0.1", "", "", 0, NULL);
	find("7.7.7.5", "", "", 0, NULL);
	find("2001:db8::1", "", "", 9, "A=six");
}

static void
broken(void **state)
{
	const struct tcprules_client client = { VIEW("1.2.3.4"), VIEW(""), VIEW("") };
	struct control_list list = { 0 };
	struct tcprule rule = { 0 };
	struct problem problem;

	(void)state;
	control_list_parse(VIEW(":allow\n\nwhat?\n"), &list);
	assert_int_equal(
	    tcprules_find("rules", &list, &client, &rule, &problem), ANSWER_ERROR);
	assert_string_equal(problem.where, "rules:3");
	control_list_free(&list);
	assert_true(tcprules_is_empty_range(VIEW("1.2.3.6-4")));
	assert_true(tcprules_is_empty_range(VIEW("1.2.3.256-300")));
	assert_false(tcprules_is_empty_range(VIEW("1.2.3.4-4")));
	assert_false(tcprules_is_empty_range(VIEW("1.2.3.x-4")));
}

static void
crowds(void **state)
{
	static const char *const all[] = { "", "=", "1-223.", "0-255." },
				 *const some[] = { "=.example.org", "1-222.", "1.2-255.",
					 "1-255.2.", "2-255.", "127.", "::1" },
				 *const cut[] = { "192.168", "10", "1.2.3", "10.1-20" },
				 *const whole[] = { "192.168.", "1.2.3.4", "1.2.3.4-6",
					 "", "=a", "::1", "fe80:" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof all / sizeof *all; i++)
		assert_true(tcprules_is_for_all(view_of(all[i])));
	for (i = 0; i < sizeof some / sizeof *some; i++)
		assert_false(tcprules_is_for_all(view_of(some[i])));
	for (i = 0; i < sizeof cut / sizeof *cut; i++)
		assert_true(tcprules_is_cut_short(view_of(cut[i])));
	for (i = 0; i < sizeof whole / sizeof *whole; i++)
		assert_false(tcprules_is_cut_short(view_of(whole[i])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(clients),
		cmocka_unit_test(broken),
		cmocka_unit_test(crowds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
