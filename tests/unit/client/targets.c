/* targets: the addresses for a host or relay, and what is left out (outbound 2.3, 2.4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/targets.h"

static const char zone[] = "one.example MX 10 mx1.example\n"
			   "one.example MX 20 mx2.example\n"
			   "mx1.example A 192.0.2.1\n"
			   "mx2.example A 192.0.2.2\n"
			   "backup.example MX 10 mx1.example\n"
			   "backup.example MX 20 me.example\n"
			   "backup.example MX 20 mx2.example\n"
			   "backup.example MX 30 mx3.example\n"
			   "mx3.example A 192.0.2.3\n"
			   "me.example A 192.0.2.99\n"
			   "me6.example AAAA 2001:db8::99\n"
			   "primary.example MX 10 me.example\n"
			   "primary.example MX 20 mx2.example\n"
			   "primary6.example MX 10 me6.example\n"
			   "broken.example MX 10 fail.example\n"
			   "broken.example MX 20 me.example\n"
			   "worse.example MX 10 me.example\n"
			   "worse.example MX 20 fail.example\n"
			   "fail.example A FAIL\n"
			   "fail.example AAAA FAIL\n"
			   "soft.example MX FAIL\n"
			   "plain.example A 192.0.2.7\n"
			   "null.example MX 0 .\n"
			   "empty.example MX 10 nothing.example\n"
			   "nothing.example TXT x\n";

static const struct {
	const char *host;
	bool relay;
	enum targets_result result;
	const char *first; /* its address */
	size_t count;
} rows[] = {
	{ "one.example", false, TARGETS_FOUND, "192.0.2.1", 2 },
	{ "plain.example", false, TARGETS_FOUND, "192.0.2.7", 1 },
	{ "backup.example", false, TARGETS_FOUND, "192.0.2.1", 1 },
	{ "primary.example", false, TARGETS_SELF, NULL, 0 },
	{ "primary6.example", false, TARGETS_SELF, NULL, 0 },
	{ "me.example", false, TARGETS_SELF, NULL, 0 },
	{ "broken.example", false, TARGETS_SOFT, NULL, 0 },
	{ "worse.example", false, TARGETS_SELF, NULL, 0 },
	{ "soft.example", false, TARGETS_SOFT, NULL, 0 },
	{ "none.example", false, TARGETS_NO_HOST, NULL, 0 },
	{ "null.example", false, TARGETS_NULL_MX, NULL, 0 },
	{ "empty.example", false, TARGETS_NO_ADDRESS, NULL, 0 },
	{ "192.0.2.5", false, TARGETS_FOUND, "192.0.2.5", 1 },
	{ "[192.0.2.5]", false, TARGETS_FOUND, "192.0.2.5", 1 },
	{ "[IPv6:2001:db8::5]", false, TARGETS_FOUND, "2001:db8::5", 1 },
	{ "[192.0.2.99]", false, TARGETS_SELF, NULL, 0 },
	{ "one.example", true, TARGETS_NO_HOST, NULL, 0 }, /* never a relay's MX */
	{ "plain.example", true, TARGETS_FOUND, "192.0.2.7", 1 },
	{ "me.example", true, TARGETS_FOUND, "192.0.2.99",
	    1 }, /* loops are the admin's */
	{ "fail.example", true, TARGETS_SOFT, NULL, 0 },
	{ "2001:db8::6", true, TARGETS_FOUND, "2001:db8::6", 1 },
};

static void
targets(void **state)
{
	struct arena mem = { 0 };
	struct ip mine[2];
	struct ipme me = { mine, 2, 2 };
	struct targets_search search = { .resolver = resolver_table(zone),
		.seed = 1,
		.limit = 50,
		.deadline = deadline_never(),
		.mem = &mem };
	size_t i;

	(void)state;
	assert_true(ip_parse(VIEW("192.0.2.99"), &mine[0]));
	assert_true(ip_parse(VIEW("2001:db8::99"), &mine[1]));
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct targets t = { 0 };
		struct str text = { 0 };
		enum targets_result result = rows[i].relay
		    ? targets_of_relay(&search, view_of(rows[i].host), &t)
		    : targets_of_host(&search, view_of(rows[i].host), &me, &t);

		if (result != rows[i].result || t.count != rows[i].count)
			fail_msg("%s: result %d, %zu targets", rows[i].host, (int)result,
			    t.count);
		if (rows[i].first) {
			ip_format(&text, &t.list[0].ip);
			assert_string_equal(str_text(&text), rows[i].first);
		}
		str_free(&text);
	}
	resolver_free(search.resolver);
	arena_free(&mem);
}

static void
a_target_knows_its_name(void **state)
{
	struct arena mem = { 0 };
	struct ipme me = { 0 };
	struct targets_search search = { .resolver = resolver_table(zone),
		.limit = 1,
		.port = 26,
		.implicit_tls = true,
		.deadline = deadline_never(),
		.mem = &mem };
	struct targets t;

	(void)state;
	assert_int_equal(
	    targets_of_host(&search, VIEW("one.example"), &me, &t), TARGETS_FOUND);
	assert_int_equal(t.count, 1); /* the limit */
	assert_int_equal(t.list[0].port, 26);
	assert_true(t.list[0].implicit_tls);
	assert_true(view_equal(t.list[0].name, VIEW("mx1.example")));
	assert_false(t.list[0].name_is_ip);
	assert_int_equal(
	    targets_of_relay(&search, VIEW("Plain.example"), &t), TARGETS_FOUND);
	assert_true(view_equal(t.list[0].name, VIEW("Plain.example"))); /* as written */
	assert_int_equal(targets_of_relay(&search, VIEW("192.0.2.5"), &t), TARGETS_FOUND);
	assert_true(t.list[0].name_is_ip);
	resolver_free(search.resolver);
	arena_free(&mem);
}

/* Each step of the way has to be authentic (outbound 4.5, rows of the MX and address lookups). */
static void
secure_targets(void **state)
{
	static const char lines[] = "all.example mx 10 mx.example\n"
				    "mx.example a 192.0.2.1\n"
				    "mx.example AAAA 2001:db8::1\n"
				    "mxless.example mx NONE\n"
				    "mxless.example a 192.0.2.1\n"
				    "nomx.example a 192.0.2.1\n"
				    "half.example MX 10 mx.example\n"
				    "aliased.example mx 10 alias.example\n"
				    "alias.example cname mx.example\n"
				    "broken.example mx 10 alias2.example\n"
				    "alias2.example CNAME mx.example\n"
				    "literal.example mx 10 192.0.2.1\n";
	static const struct {
		const char *host;
		bool relay, secure;
		const char *canonical, *domain;
	} cases[] = {
		{ "all.example", false, true, "mx.example", "all.example" },
		{ "half.example", false, false, "mx.example", "half.example" },
		{ "mxless.example", false, true, "mxless.example", "mxless.example" },
		{ "nomx.example", false, false, "nomx.example", "nomx.example" },
		{ "aliased.example", false, true, "mx.example", "aliased.example" },
		{ "broken.example", false, false, "mx.example", "broken.example" },
		{ "literal.example", false, false, "", "literal.example" },
		{ "mx.example", true, true, "mx.example", "" },
		{ "alias.example", true, true, "mx.example", "" },
		{ "alias2.example", true, false, "mx.example", "" },
		{ "192.0.2.1", true, false, "", "" },
	};
	struct arena mem = { 0 };
	struct ipme me = { 0 };
	struct targets_search search = { .resolver = resolver_table(lines),
		.limit = 9,
		.deadline = deadline_never(),
		.mem = &mem };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct view host = view_of(cases[i].host);
		struct targets t = { 0 };

		assert_int_equal(cases[i].relay ? targets_of_relay(&search, host, &t)
						: targets_of_host(&search, host, &me, &t),
		    TARGETS_FOUND);
		if (t.list[0].secure != cases[i].secure ||
		    !view_equal(t.list[0].canonical, view_of(cases[i].canonical)) ||
		    !view_equal(t.list[0].domain, view_of(cases[i].domain)))
			fail_msg("%s", cases[i].host);
		if (t.count > 1) /* the AAAA record came without AD */
			assert_false(t.list[1].secure);
	}
	resolver_free(search.resolver);
	arena_free(&mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets),
		cmocka_unit_test(a_target_knows_its_name),
		cmocka_unit_test(secure_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
