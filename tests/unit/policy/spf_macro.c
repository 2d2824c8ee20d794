/* policy/spf/macro and name: the examples of RFC 7208 7.4, syntax, and the octets of strangers. */
#include "unit/unit.h"

#include "policy/spf/macro.h"
#include "policy/spf/name.h"

static struct view
client_name(void *context, struct view domain)
{
	(void)context;
	(void)domain;
	return VIEW("mx.example.org");
}

static struct spf_macros
macros_of(const char *ip)
{
	struct spf_macros m = { .sender = VIEW("strong-bad@email.example.com"),
		.local = VIEW("strong-bad"),
		.origin = VIEW("email.example.com"),
		.domain = VIEW("email.example.com"),
		.helo = VIEW("a b"),
		.now = 1000000000,
		.client_name = client_name };

	assert_true(ip_parse(view_of(ip), &m.ip));
	return m;
}

static const struct {
	const char *ip, *text, *expected;
} expansions[] = {
	{ "192.0.2.3", "%{s}", "strong-bad@email.example.com" },
	{ "192.0.2.3", "%{o}", "email.example.com" },
	{ "192.0.2.3", "%{d}", "email.example.com" },
	{ "192.0.2.3", "%{d4}", "email.example.com" },
	{ "192.0.2.3", "%{d3}", "email.example.com" },
	{ "192.0.2.3", "%{d2}", "example.com" },
	{ "192.0.2.3", "%{d1}", "com" },
	{ "192.0.2.3", "%{d4294967296}", "email.example.com" },
	{ "192.0.2.3", "%{dr}", "com.example.email" },
	{ "192.0.2.3", "%{d2r}", "example.email" },
	{ "192.0.2.3", "%{l}", "strong-bad" },
	{ "192.0.2.3", "%{l-}", "strong.bad" },
	{ "192.0.2.3", "%{lr}", "strong-bad" },
	{ "192.0.2.3", "%{lr-}", "bad.strong" },
	{ "192.0.2.3", "%{l1r-}", "strong" },
	{ "192.0.2.3", "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com" },
	{ "192.0.2.3", "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com" },
	{ "192.0.2.3", "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
	    "bad.strong.lp.3.2.0.192.in-addr._spf.example.com" },
	{ "192.0.2.3", "%{d2}.trusted-domains.example.net",
	    "example.com.trusted-domains.example.net" },
	{ "2001:db8::cb01", "%{ir}.%{v}._spf.%{d2}",
	    "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf."
	    "example.com" },
	{ "2001:db8::cb01", "%{c}", "2001:db8::cb01" },
	{ "192.0.2.3", "%{p} %{r} %{t}", "mx.example.org unknown 1000000000" },
	{ "192.0.2.3", "%{H}%%%_%-", "a%20b% %20" },
	{ "192.0.2.3", "%{S}", "strong-bad%40email.example.com" },
	{ "192.0.2.3", "%{D.}", "email.example.com" },
	{ "192.0.2.3", "", "" },
};

static void
test_expansions(void **state)
{
	struct str out = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(expansions); i++) {
		struct spf_macros m = macros_of(expansions[i].ip);
		struct view text = view_of(expansions[i].text);

		str_clear(&out);
		assert_true(spf_macro_is_valid(text, SPF_IN_EXPLANATION));
		assert_true(spf_macro_expand(&out, text, &m));
		assert_view_equal(str_view(&out), view_of(expansions[i].expected));
	}
	str_free(&out);
}

static const struct {
	const char *text;
	bool in_record, in_explanation, is_domain;
} syntax[] = {
	{ "", true, true, false },
	{ "example.com", true, true, true },
	{ "example.com.", true, true, true },
	{ "example.com..", true, true, false },
	{ "com", true, true, false },
	{ "com.", true, true, false },
	{ ".com", true, true, true },
	{ "1.2.3.4", true, true, false },
	{ "a.b-c", true, true, true },
	{ "a.1-2", true, true, true },
	{ "a.-b", true, true, false },
	{ "a.b-", true, true, false },
	{ "a.b_c", true, true, false },
	{ "%{d}", true, true, true },
	{ "%{d}.com", true, true, true },
	{ "%{d}com", true, true, false },
	{ "a.b%%", true, true, true },
	{ "%{d", false, false, false },
	{ "%{}", false, false, false },
	{ "%{", false, false, false },
	{ "%", false, false, false },
	{ "%a", false, false, false },
	{ "%{d0}", false, false, false },
	{ "%{d1r.-+,/_=}", true, true, true },
	{ "%{dr1}", false, false, false },
	{ "%{x}", false, false, false },
	{ "%{c}", false, true, false },
	{ "%{R}", false, true, false },
	{ "%{t}", false, true, false },
	{ "a b", false, true, false },
	{ "a\tb", false, false, false },
	{ "\xc3\xa4.com", false, false, false },
};

static void
test_syntax(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(syntax); i++) {
		struct view text = view_of(syntax[i].text);

		assert_int_equal(
		    spf_macro_is_valid(text, SPF_IN_RECORD), syntax[i].in_record);
		assert_int_equal(spf_macro_is_valid(text, SPF_IN_EXPLANATION),
		    syntax[i].in_explanation);
		assert_int_equal(spf_macro_is_domain(text), syntax[i].is_domain);
	}
}

static void
test_too_long(void **state)
{
	struct spf_macros m = macros_of("192.0.2.3");
	struct str text = { 0 }, out = { 0 };
	int i;

	(void)state;
	for (i = 0; i < SPF_EXPANDED_MAX / 20; i++)
		str_append_text(&text, "%{s}");
	assert_false(spf_macro_expand(&out, str_view(&text), &m));
	assert_true(out.len <= SPF_EXPANDED_MAX + m.sender.len);
	str_free(&text);
	str_free(&out);
}

#define LABEL "a12345678901234567890123456789012345678901234567890123456789012"

static const struct {
	const char *name;
	bool valid;
} names[] = {
	{ "example.com", true },
	{ "example.com.", true },
	{ "EXAMPLE", false },
	{ "", false },
	{ ".", false },
	{ "a..b", false },
	{ ".a.b", false },
	{ "a.b..", false },
	{ "[192.0.2.1]", false },
	{ "a b.example", true },
	{ "a\n.example", false },
	{ LABEL ".example", true },
	{ LABEL "x.example", false },
	{ LABEL "." LABEL "." LABEL "." LABEL, false },
	{ LABEL "." LABEL "." LABEL ".example", true },
};

static void
test_names(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(names); i++)
		assert_int_equal(
		    spf_name_is_valid(view_of(names[i].name)), names[i].valid);
	assert_true(spf_name_is_within(VIEW("a.B.example."), VIEW("b.example")));
	assert_true(spf_name_is_within(VIEW("b.example"), VIEW("b.example")));
	assert_false(spf_name_is_within(VIEW("ab.example"), VIEW("b.example")));
	assert_false(spf_name_is_within(VIEW("example"), VIEW("b.example")));
}

static void
test_fit(void **state)
{
	struct view name = VIEW("x." LABEL "." LABEL "." LABEL "." LABEL);

	(void)state;
	assert_view_equal(spf_name_fit(name), VIEW(LABEL "." LABEL "." LABEL));
	assert_view_equal(spf_name_fit(VIEW("a.b.")), VIEW("a.b"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expansions),
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
