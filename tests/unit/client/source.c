/* source: the lines of domainips, and whose word on our address and name is the last. */
#include "unit/unit.h"

#include "client/source.h"

static const struct {
	const char *value;
	bool ok;
	const char *ip, *name;
} values[] = {
	{ "192.0.2.1", true, "192.0.2.1", "" },
	{ " 192.0.2.1 ", true, "192.0.2.1", "" },
	{ "192.0.2.1%eth0", true, "192.0.2.1", "" },
	{ "192.0.2.1|me.example", true, "192.0.2.1", "me.example" },
	{ "2001:db8::1%eth0|me.example", true, "2001:db8::1", "me.example" },
	{ "[2001:db8::1]|me.example", true, "2001:db8::1", "me.example" },
	{ "|me.example", true, "", "me.example" },
	{ "", true, "", "" },
	{ "192.0.2.256", false, "", "" },
	{ "192.0.2.1%", false, "", "" },
	{ "host.example", false, "", "" },
	{ "192.0.2.1|a b", false, "", "" },
	{ "192.0.2.1|a\x01", false, "", "" },
};

static void
text_is(const struct ip *ip, const char *want)
{
	struct str text = { 0 };

	if (ip->version != 0)
		ip_format(&text, ip);
	assert_view_equal(str_view(&text), view_of(want));
	str_free(&text);
}

static void
grammar(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(values); i++) {
		struct source_value v;

		if (source_parse(view_of(values[i].value), &v) != values[i].ok)
			fail_msg("'%s'", values[i].value);
		if (!values[i].ok)
			continue;
		text_is(&v.ip, values[i].ip);
		assert_view_equal(v.name, view_of(values[i].name));
	}
}

static const struct {
	const char *name, *file, *sender, *route4, *route_helo;
	const char *ip4, *ip6, *helo; /* ip4 NULL: error */
} rows[] = {
	{ "nothing", "", "a@b.c", "", "", "192.0.2.1", "2001:db8::1", "all" },
	{ "domain", "B.c:192.0.2.7|b\n", "a@b.C", "", "", "192.0.2.7", "2001:db8::1",
	    "b" },
	{ "both families", "b.c:192.0.2.7\nb.c:2001:db8::7\n", "a@b.c", "", "",
	    "192.0.2.7", "2001:db8::7", "all" },
	{ "the last word", "b.c:192.0.2.7|x\nb.c:192.0.2.8\n", "a@b.c", "", "",
	    "192.0.2.8", "2001:db8::1", "x" },
	{ "all", "*:192.0.2.7\n", "a@b.c", "", "", "192.0.2.7", "2001:db8::1", "all" },
	{ "domain before all", "b.c:192.0.2.8\n*:192.0.2.7|x\n", "a@b.c", "", "",
	    "192.0.2.8", "2001:db8::1", "all" },
	{ "bounces are in all", "b.c:192.0.2.8\n*:192.0.2.7\n", "", "", "", "192.0.2.7",
	    "2001:db8::1", "all" },
	{ "not below the domain", "b.c:192.0.2.8\n", "a@x.b.c", "", "", "192.0.2.1",
	    "2001:db8::1", "all" },
	{ "the kernel's choice", "b.c:0.0.0.0\nb.c:::\n", "a@b.c", "", "", "", "",
	    "all" },
	{ "the route", "b.c:192.0.2.8|x\n", "a@b.c", "192.0.2.9", "r", "192.0.2.9",
	    "2001:db8::1", "r" },
	{ "broken", "b.c:no\n", "a@b.c", "", "", NULL, NULL, NULL },
	{ "broken, of others", "x:no\n", "a@b.c", "", "", "192.0.2.1", "2001:db8::1",
	    "all" },
};

static void
choice(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct controls controls = { 0 };
		struct problem problem = { 0 };
		struct route route = { 0 };
		enum answer found;

		assert_true(ip_parse(VIEW("192.0.2.1"), &controls.outgoing4));
		assert_true(ip_parse(VIEW("2001:db8::1"), &controls.outgoing6));
		str_set(&controls.helohost, VIEW("all"));
		if (*rows[i].route4)
			assert_true(ip_parse(view_of(rows[i].route4), &route.source4));
		str_set(&route.helo, view_of(rows[i].route_helo));
		unit_write_file("control/domainips", view_of(rows[i].file));
		found =
		    source_choose(view_of(rows[i].sender), &route, &controls, &problem);
		if (rows[i].ip4) {
			assert_int_equal(found, ANSWER_YES);
			text_is(&controls.outgoing4, rows[i].ip4);
			text_is(&controls.outgoing6, rows[i].ip6);
			assert_view_equal(
			    str_view(&controls.helohost), view_of(rows[i].helo));
		} else {
			assert_int_equal(found, ANSWER_ERROR);
			assert_string_equal(problem.where, "control/domainips:1");
		}
		route_free(&route);
		controls_free(&controls);
	}
}

/* For who asks where it is from. */
static void
places(void **state)
{
	struct controls controls = { 0 };
	struct problem problem = { 0 };
	struct route route = { 0 };

	(void)state;
	unit_write_file("control/domainips", VIEW("x:\nb.c:192.0.2.8|name\n"));
	str_set(&route.name, VIEW("isp"));
	assert_true(ip_parse(VIEW("2001:db8::1"), &route.source6));
	assert_int_equal(
	    source_choose(VIEW("a@b.c"), &route, &controls, &problem), ANSWER_YES);
	assert_string_equal(controls.helohost_from.text, "control/domainips:2");
	assert_string_equal(controls.outgoing4_from.text, "control/domainips:2");
	assert_string_equal(controls.outgoing6_from.text, "control/routes/isp");
	route_free(&route);
	controls_free(&controls);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grammar),
		cmocka_unit_test(choice),
		cmocka_unit_test(places),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
