/* dns/mx: rows of outbound 2.3, over the table resolver.  A case says zone, domain, result, and
 * the addresses in order as "preference name address", "?" behind a literal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "dns/mx.h"
#include "lib/fmt.h"

static const struct test_case {
	const char *name, *zone, *domain;
	enum mx_result result;
	const char *addresses;
	size_t limit;
} cases[] = {
	{ "one exchanger", "a.example MX 10 mx.a.example\nmx.a.example A 192.0.2.1\n",
	    "a.example", MX_FOUND, "10 mx.a.example 192.0.2.1\n", 50 },
	{ "a trailing dot in the domain",
	    "a.example MX 10 mx.a.example\nmx.a.example A 192.0.2.1\n", "a.example.",
	    MX_FOUND, "10 mx.a.example 192.0.2.1\n", 50 },
	{ "by preference, not by order of the packet",
	    "a.example MX 20 b.example\na.example MX 5 c.example\na.example MX 10 "
	    "d.example\n"
	    "b.example A 192.0.2.2\nc.example A 192.0.2.3\nd.example A 192.0.2.4\n",
	    "a.example", MX_FOUND,
	    "5 c.example 192.0.2.3\n10 d.example 192.0.2.4\n20 b.example 192.0.2.2\n",
	    50 },
	{ "families alternate inside a preference, IPv4 first",
	    "a.example MX 10 b.example\na.example MX 20 c.example\nb.example A "
	    "192.0.2.1\n"
	    "b.example AAAA 2001:db8::1\nc.example AAAA 2001:db8::2\nc.example A "
	    "192.0.2.2\n",
	    "a.example", MX_FOUND,
	    "10 b.example 192.0.2.1\n10 b.example 2001:db8::1\n"
	    "20 c.example 192.0.2.2\n20 c.example 2001:db8::2\n",
	    50 },
	{ "the rest of a longer family comes behind",
	    "a.example MX 10 b.example\nb.example A 192.0.2.1\nb.example AAAA "
	    "2001:db8::1\n"
	    "a.example MX 11 c.example\nc.example AAAA 2001:db8::2\n",
	    "a.example", MX_FOUND,
	    "10 b.example 192.0.2.1\n10 b.example 2001:db8::1\n11 c.example "
	    "2001:db8::2\n",
	    50 },
	{ "no such domain, but no MX either: NXDOMAIN falls back to A and fails hard", "",
	    "a.example", MX_NO_HOST, "", 50 },
	{ "no MX, an address", "a.example A 192.0.2.1\n", "a.example", MX_FOUND,
	    "0 a.example 192.0.2.1\n", 50 },
	{ "no MX, only IPv6", "a.example AAAA 2001:db8::1\n", "a.example", MX_FOUND,
	    "0 a.example 2001:db8::1\n", 50 },
	{ "no MX, no address", "a.example TXT x\n", "a.example", MX_NO_HOST, "", 50 },
	{ "no MX, address fails", "a.example A FAIL\n", "a.example", MX_SOFT, "", 50 },
	{ "no MX, one family fails, the other is found",
	    "a.example AAAA FAIL\na.example A 192.0.2.1\n", "a.example", MX_FOUND,
	    "0 a.example 192.0.2.1\n", 50 },
	{ "the MX question fails: no fall-back",
	    "a.example MX FAIL\na.example A 192.0.2.1\n", "a.example", MX_SOFT, "", 50 },
	{ "CNAME to a name with an address",
	    "a.example CNAME b.example\nb.example A 192.0.2.1\n", "a.example", MX_FOUND,
	    "0 a.example 192.0.2.1\n", 50 },
	{ "CNAME to a name with MX",
	    "a.example CNAME b.example\nb.example MX 5 c.example\nc.example A "
	    "192.0.2.1\n",
	    "a.example", MX_FOUND, "5 c.example 192.0.2.1\n", 50 },
	{ "CNAME as MX target",
	    "a.example MX 5 b.example\nb.example CNAME c.example\nc.example A "
	    "192.0.2.1\n",
	    "a.example", MX_FOUND, "5 b.example 192.0.2.1\n", 50 },
	{ "exchangers without address",
	    "a.example MX 5 b.example\na.example MX 6 c.example\n", "a.example",
	    MX_NO_ADDRESS, "", 50 },
	{ "an exchanger without address and one that fails",
	    "a.example MX 5 b.example\na.example MX 6 c.example\nc.example A FAIL\n",
	    "a.example", MX_SOFT, "", 50 },
	{ "one fails, the other resolves: continue",
	    "a.example MX 5 b.example\na.example MX 6 c.example\nb.example A FAIL\n"
	    "c.example A 192.0.2.1\n",
	    "a.example", MX_FOUND, "6 c.example 192.0.2.1\n", 50 },
	{ "exchangers exist but have no address: the domain's own is not used",
	    "a.example MX 5 b.example\na.example A 192.0.2.1\n", "a.example",
	    MX_NO_ADDRESS, "", 50 },
	{ "null MX", "a.example MX 0 .\na.example A 192.0.2.1\n", "a.example", MX_NULL,
	    "", 50 },
	{ "a root among real exchangers is ignored",
	    "a.example MX 0 .\na.example MX 10 b.example\nb.example A 192.0.2.1\n",
	    "a.example", MX_FOUND, "10 b.example 192.0.2.1\n", 50 },
	{ "an address as exchanger", "a.example MX 10 192.0.2.9\n", "a.example", MX_FOUND,
	    "10 192.0.2.9 192.0.2.9?\n", 50 },
	{ "an IPv6 address as exchanger", "a.example MX 10 [IPv6:2001:db8::9]\n",
	    "a.example", MX_FOUND, "10 [IPv6:2001:db8::9] 2001:db8::9?\n", 50 },
	{ "no domain name", "", ".", MX_NO_HOST, "", 50 },
	{ "cut at the limit, after sorting",
	    "a.example MX 20 b.example\na.example MX 5 c.example\na.example MX 10 "
	    "d.example\n"
	    "b.example A 192.0.2.2\nc.example A 192.0.2.3\nd.example A 192.0.2.4\n",
	    "a.example", MX_FOUND, "5 c.example 192.0.2.3\n10 d.example 192.0.2.4\n", 2 },
};

static void
describe(const struct mx_list *list, struct str *out)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		const struct mx_address *a = &list->addresses[i];

		fmt_u64(out, a->preference);
		str_append_byte(out, ' ');
		str_append(out, a->name);
		str_append_byte(out, ' ');
		ip_format(out, &a->ip);
		str_append_text(out, a->literal ? "?\n" : "\n");
	}
}

static void
test_cases(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct test_case *c = &cases[i];
		struct resolver *r = resolver_table(c->zone);
		struct arena mem = { 0 };
		struct mx_list list = { 0 };
		struct str got = { 0 };
		enum mx_result result = mx_lookup(
		    r, view_of(c->domain), i, c->limit, deadline_never(), &mem, &list);

		describe(&list, &got);
		if (result != c->result || strcmp(str_text(&got), c->addresses) != 0)
			fail_msg(
			    "%s: result %d\n%s", c->name, (int)result, str_text(&got));
		str_free(&got);
		arena_free(&mem);
		resolver_free(r);
	}
}

/* Many exchangers of one preference: every one comes first sometimes, and the same seed gives the
 * same order. */
static void
test_equal_preferences_are_shuffled(void **state)
{
	struct resolver *r =
	    resolver_table("a.example MX 10 b.example\na.example MX 10 c.example\n"
			   "a.example MX 10 d.example\nb.example A 192.0.2.1\n"
			   "c.example A 192.0.2.2\nd.example A 192.0.2.3\n");
	int first[4] = { 0 };
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < 300; seed++) {
		struct arena mem = { 0 };
		struct mx_list list, again;

		assert_int_equal(mx_lookup(r, VIEW("a.example"), seed, 50,
				     deadline_never(), &mem, &list),
		    MX_FOUND);
		mx_lookup(r, VIEW("a.example"), seed, 50, deadline_never(), &mem, &again);
		assert_int_equal(list.count, 3);
		assert_true(ip_equal(&list.addresses[0].ip, &again.addresses[0].ip));
		first[list.addresses[0].ip.bytes[3]]++;
		arena_free(&mem);
	}
	assert_in_range(first[1], 50, 200);
	assert_in_range(first[2], 50, 200);
	assert_in_range(first[3], 50, 200);
	resolver_free(r);
}

/* More exchangers than fit one batch of questions. */
static void
test_many_exchangers(void **state)
{
	struct str zone = { 0 };
	struct resolver *r;
	struct arena mem = { 0 };
	struct mx_list list;
	uint64_t i;

	(void)state;
	for (i = 1; i <= 100; i++) {
		str_append_text(&zone, "a.example MX ");
		fmt_u64(&zone, i);
		str_append_text(&zone, " mx");
		fmt_u64(&zone, i);
		str_append_text(&zone, ".example\n");
		if (i > 40 && i < 95) {
			str_append_text(&zone, "mx");
			fmt_u64(&zone, i);
			str_append_text(&zone, ".example A 192.0.2.");
			fmt_u64(&zone, i);
			str_append_byte(&zone, '\n');
		}
	}
	r = resolver_table(str_text(&zone));
	assert_int_equal(
	    mx_lookup(r, VIEW("a.example"), 7, 50, deadline_never(), &mem, &list),
	    MX_FOUND);
	assert_int_equal(list.count, 50);
	assert_int_equal(list.addresses[0].preference, 41);
	assert_int_equal(list.addresses[49].preference, 90);
	arena_free(&mem);
	resolver_free(r);
	str_free(&zone);
}

static void
test_failed_exchangers_are_told(void **state)
{
	struct resolver *r =
	    resolver_table("a.example MX 5 b.example\na.example MX 10 c.example\n"
			   "b.example AAAA FAIL\nc.example A 192.0.2.1\n");
	struct arena mem = { 0 };
	struct mx_list list;

	(void)state;
	assert_int_equal(
	    mx_lookup(r, VIEW("a.example"), 7, 50, deadline_never(), &mem, &list),
	    MX_FOUND);
	assert_true(list.some_failed);
	assert_int_equal(list.failed_preference, 5);
	assert_true(mx_better_failed(&list, 10));
	assert_false(mx_better_failed(&list, 5));
	assert_string_equal(resolver_reason(r), "no resolver could answer");
	arena_free(&mem);
	resolver_free(r);
}

static void
test_authentic(void **state)
{
	struct resolver *r =
	    resolver_table("a.example mx 5 b.example\nb.example a 192.0.2.1\n"
			   "b.example AAAA 2001:db8::1\n");
	struct arena mem = { 0 };
	struct mx_list list;

	(void)state;
	mx_lookup(r, VIEW("a.example"), 7, 50, deadline_never(), &mem, &list);
	assert_true(list.authentic);
	assert_false(list.implicit);
	assert_true(list.addresses[0].authentic);
	assert_false(list.addresses[1].authentic);
	arena_free(&mem);
	resolver_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_equal_preferences_are_shuffled),
		cmocka_unit_test(test_many_exchangers),
		cmocka_unit_test(test_failed_exchangers_are_told),
		cmocka_unit_test(test_authentic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
