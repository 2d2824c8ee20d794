/* policy/spf/evaluate, over a table of records: results, the admin's own rules, explanations, limits;
 * policy/spf/header, what it says about them. */
#include "unit/unit.h"

#include "lib/fmt.h"
#include "policy/spf/evaluate.h"
#include "policy/spf/header.h"

static const char zone[] =
    "pass.example TXT v=spf1 ip4:192.0.2.0/24 -all\n"
    "fail.example TXT v=spf1 -all exp=why.example.net\n"
    "why.example.net TXT \"%{i} is not %{d} \" \"for %{r}\"\n"
    "bare.example TXT v=spf1 -all\n"
    "soft.example TXT v=spf1 ~all\n"
    "open.example TXT v=spf1\n"
    "let.example TXT v=spf1 +all\n"
    "six.example TXT v=spf1 ip6:2001:db8::/32 a -all\n"
    "six.example AAAA 2001:db9::1\n"
    "broken.example TXT FAIL\n"
    "wrong.example TXT v=spf1 foo -all\n"
    "two.example TXT v=spf1 -all\n"
    "two.example TXT v=spf1 +all\n"
    "none.example A 192.0.2.1\n"
    "softerror.example TXT v=spf1 a:broken.a.example -all\n"
    "broken.a.example A FAIL\n"
    "include.example TXT v=spf1 include:pass.example -a:%{d} exp=own.%{d} -all\n"
    "include.example A 198.51.100.1\n"
    "own.include.example TXT own of %{d}\n"
    "loop.example TXT v=spf1 include:loop.example -all\n"
    "circle.example TXT v=spf1 redirect=circle.example\n"
    "voids.example TXT v=spf1 a:v1.example.net a:v2.example.net a:v3.example.net -all\n"
    "mx.example TXT v=spf1 mx -all\n"
    "mx.example MX 10 dead.mx.example\n"
    "mx.example MX 20 live.mx.example\n"
    "dead.mx.example A FAIL\n"
    "live.mx.example A 192.0.2.1\n"
    "moved.example TXT v=spf1 redirect=bare.example\n"
    "trusted.example TXT v=spf1 ip4:198.51.100.0/24 -all\n"
    "binary.example TXT v=spf1 -all exp=bin.example.net\n"
    "bin.example.net TXT \"caf\\233\"\n"
    "ptr.example TXT v=spf1 ptr -all\n"
    "7.2.0.192.in-addr.arpa PTR host.PTR.example.\n"
    "8.2.0.192.in-addr.arpa PTR host.ptr.example\n"
    "9.2.0.192.in-addr.arpa PTR FAIL\n"
    "host.ptr.example A 192.0.2.7\n"
    "mx.test TXT v=spf1 a -all\n"
    "mx.test A 192.0.2.7\n";

/* Domains at a limit of RFC 7208 4.6.4 and one beyond it; "last" in them is 192.0.2.7. */
static const struct {
	const char *record; /* its first part */
	const char *each;   /* `count` times, "#" being the number */
	int count;
	const char *rest;
	enum spf_result result;
} limits[] = {
	{ "v=spf1", " a:host.example", 9, " a:last.example -all", SPF_PASS },
	{ "v=spf1", " a:host.example", 10, " a:last.example -all", SPF_PERMERROR },
	{ "v=spf1", " ip4:198.51.100.#", 50, " a:last.example -all", SPF_PASS },
	{ "v=spf1", " a:host.example", 9, " redirect=last.example", SPF_PASS },
	{ "v=spf1", " a:host.example", 10, " redirect=last.example", SPF_PERMERROR },
	{ "v=spf1", " a:none#.example", 2, " a:last.example -all", SPF_PASS },
	{ "v=spf1", " a:none#.example", 3, " a:last.example -all", SPF_PERMERROR },
	{ "v=spf1", " mx:none#.example", 3, " -all", SPF_PERMERROR },
	{ "v=spf1", " exists:none#.example", 3, " -all", SPF_PERMERROR },
	{ "v=spf1 mx -all", "\nx.example MX # host.example", 9,
	    "\nx.example MX 90 last.example", SPF_PASS },
	{ "v=spf1 mx -all", "\nx.example MX # host.example", 10,
	    "\nx.example MX 90 last.example", SPF_PERMERROR },
	{ "v=spf1 ptr:last.example -all", "\n7.2.0.192.in-addr.arpa PTR n#.example", 9,
	    "\n7.2.0.192.in-addr.arpa PTR last.example", SPF_PASS },
	{ "v=spf1 ptr:last.example -all", "\n7.2.0.192.in-addr.arpa PTR n#.example", 10,
	    "\n7.2.0.192.in-addr.arpa PTR last.example", SPF_FAIL },
	{ "v=spf1 exists:%{p}.ok.example -all", "\nlast.example.ok.example A 127.0.0.#",
	    1, "\n7.2.0.192.in-addr.arpa PTR last.example", SPF_PASS },
	{ "v=spf1 a:%{l}.%{d} -all", "\na.x.example A 192.0.2.#", 8, "", SPF_PASS },
};

static void
append_numbered(struct str *out, const char *text, int number)
{
	for (; *text; text++) {
		if (*text == '#')
			fmt_u64(out, (uint64_t)number);
		else
			str_append_byte(out, *text);
	}
}

static struct arena mem;

static struct spf_verdict
evaluate(const struct spf_question *q)
{
	struct resolver *r = resolver_table(zone);
	struct spf_verdict verdict;

	spf_evaluate(r, q, deadline_never(), &mem, &verdict);
	resolver_free(r);
	return verdict;
}

static struct spf_question
question(const char *ip, const char *sender)
{
	struct spf_question q = { .helo = VIEW("mx.test"),
		.sender = view_of(sender),
		.receiver = VIEW("mx.example.org"),
		.explanation = VIEW("no %{s} from %{i}") };

	assert_true(ip_parse(view_of(ip), &q.ip));
	return q;
}

static const struct {
	const char *ip, *sender;
	enum spf_result result;
	const char *term, *explanation;
} cases[] = {
	{ "192.0.2.7", "a@pass.example", SPF_PASS, "ip4:192.0.2.0/24", "" },
	{ "192.0.2.7", "a@PASS.example.", SPF_PASS, "ip4:192.0.2.0/24", "" },
	{ "192.0.3.7", "a@pass.example", SPF_FAIL, "-all",
	    "no a@pass.example from 192.0.3.7" },
	{ "192.0.2.7", "a@fail.example", SPF_FAIL, "-all",
	    "192.0.2.7 is not fail.example for mx.example.org" },
	{ "192.0.2.7", "@bare.example", SPF_FAIL, "-all",
	    "no postmaster@bare.example from 192.0.2.7" },
	{ "192.0.2.7", "bare.example", SPF_FAIL, "-all",
	    "no postmaster@bare.example from 192.0.2.7" },
	{ "192.0.2.7", "x@y@bare.example", SPF_FAIL, "-all",
	    "no x@y@bare.example from 192.0.2.7" },
	{ "192.0.2.7", "a@soft.example", SPF_SOFTFAIL, "~all", "" },
	{ "192.0.2.7", "a@open.example", SPF_NEUTRAL, "", "" },
	{ "192.0.2.7", "a@let.example", SPF_PASS, "+all", "" },
	{ "2001:db8::1", "a@six.example", SPF_PASS, "ip6:2001:db8::/32", "" },
	{ "2001:db9::1", "a@six.example", SPF_PASS, "a", "" },
	{ "2001:db9::2", "a@six.example", SPF_FAIL, "-all",
	    "no a@six.example from 2.0.0.1.0.D.B.9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
	    "0.0.0.0.2" },
	{ "192.0.2.7", "a@broken.example", SPF_TEMPERROR, "", "" },
	{ "192.0.2.7", "a@wrong.example", SPF_PERMERROR, "foo", "" },
	{ "192.0.2.7", "a@two.example", SPF_PERMERROR, "", "" },
	{ "192.0.2.7", "a@none.example", SPF_NONE, "", "" },
	{ "192.0.2.7", "a@nowhere.example", SPF_NONE, "", "" },
	{ "192.0.2.7", "a@[192.0.2.7]", SPF_NONE, "", "" },
	{ "192.0.2.7", "a@localhost", SPF_NONE, "", "" },
	{ "192.0.2.7", "a@softerror.example", SPF_TEMPERROR, "a:broken.a.example", "" },
	{ "192.0.2.7", "a@include.example", SPF_PASS, "include:pass.example", "" },
	{ "198.51.100.1", "a@include.example", SPF_FAIL, "-a:%{d}",
	    "own of include.example" },
	{ "192.0.2.7", "a@loop.example", SPF_PERMERROR, "include:loop.example", "" },
	{ "192.0.2.7", "a@circle.example", SPF_PERMERROR, "circle.example", "" },
	{ "192.0.2.7", "a@voids.example", SPF_PERMERROR, "a:v3.example.net", "" },
	{ "192.0.2.1", "a@mx.example", SPF_PASS, "mx", "" },
	{ "192.0.2.2", "a@mx.example", SPF_TEMPERROR, "mx", "" },
	{ "192.0.2.7", "a@moved.example", SPF_FAIL, "-all",
	    "no a@moved.example from 192.0.2.7" },
	{ "192.0.2.7", "a@binary.example", SPF_FAIL, "-all",
	    "no a@binary.example from 192.0.2.7" },
	{ "192.0.2.7", "a@ptr.example", SPF_PASS, "ptr", "" },
	{ "192.0.2.8", "a@ptr.example", SPF_FAIL, "-all",
	    "no a@ptr.example from 192.0.2.8" },
	{ "192.0.2.9", "a@ptr.example", SPF_FAIL, "-all",
	    "no a@ptr.example from 192.0.2.9" },
	{ "192.0.2.7", "", SPF_PASS, "a", "" },
	{ "192.0.2.8", "", SPF_FAIL, "-all", "no postmaster@mx.test from 192.0.2.8" },
};

static void
test_results(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct spf_question q = question(cases[i].ip, cases[i].sender);
		struct spf_verdict v = evaluate(&q);
		bool is_error = v.result == SPF_TEMPERROR || v.result == SPF_PERMERROR;

		assert_string_equal(
		    spf_result_text(v.result), spf_result_text(cases[i].result));
		assert_view_equal(v.term, view_of(cases[i].term));
		if (v.result == SPF_PASS || v.result == SPF_FAIL)
			assert_view_equal(v.explanation, view_of(cases[i].explanation));
		else
			assert_true(view_starts(v.explanation, VIEW("no ")));
		assert_int_equal(v.is_helo, q.sender.len == 0);
		assert_int_equal(v.reason != NULL, is_error);
		assert_false(v.is_local);
		assert_int_equal(v.wrong_local.len, 0);
	}
	arena_reset(&mem);
}

static void
test_limits(void **state)
{
	struct spf_question q = question("192.0.2.7", "a@x.example");
	struct spf_verdict v;
	struct str lines = { 0 };
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < COUNT(limits); i++) {
		struct resolver *r;

		str_clear(&lines);
		str_append_text(&lines,
		    "host.example A 192.0.2.99\nlast.example A 192.0.2.7\n"
		    "last.example TXT v=spf1 +all\nx.example TXT ");
		str_append_text(&lines, limits[i].record);
		for (n = 0; n < limits[i].count; n++)
			append_numbered(&lines, limits[i].each, n);
		str_append_text(&lines, limits[i].rest);
		r = resolver_table(str_text(&lines));
		spf_evaluate(r, &q, deadline_never(), &mem, &v);
		assert_string_equal(
		    spf_result_text(v.result), spf_result_text(limits[i].result));
		resolver_free(r);
		arena_reset(&mem);
	}
	str_free(&lines);
}

static const struct {
	const char *sender, *rules, *guess;
	enum spf_result result;
	bool is_local;
	const char *wrong;
} own[] = {
	{ "a@bare.example", "ip4:192.0.2.7", "", SPF_PASS, true, "" },
	{ "a@bare.example", "v=spf1 ip4:192.0.2.7", "", SPF_PASS, true, "" },
	{ "a@bare.example", "ip4:192.0.2.8", "", SPF_FAIL, false, "" },
	{ "a@bare.example", "include:pass.example", "", SPF_PASS, true, "" },
	{ "a@bare.example", "~all", "", SPF_SOFTFAIL, true, "" },
	{ "a@moved.example", "ip4:192.0.2.7", "", SPF_PASS, true, "" },
	{ "a@soft.example", "ip4:192.0.2.7", "", SPF_PASS, true, "" },
	{ "a@open.example", "ip4:192.0.2.7", "", SPF_PASS, true, "" },
	{ "a@let.example", "-all", "", SPF_PASS, false, "" },
	{ "a@wrong.example", "+all", "", SPF_PERMERROR, false, "" },
	{ "a@broken.example", "+all", "", SPF_TEMPERROR, false, "" },
	{ "a@bare.example", "foo", "", SPF_FAIL, false, "foo" },
	{ "a@bare.example", "a:%{q}", "", SPF_FAIL, false, "a:%{q}" },
	{ "a@bare.example", "include:nowhere.example +all", "", SPF_FAIL, false,
	    "include:nowhere.example" },
	{ "a@bare.example", "a:broken.a.example", "", SPF_TEMPERROR, true, "" },
	{ "a@bare.example", "", "+all", SPF_FAIL, false, "" },
	{ "a@none.example", "", "ip4:192.0.2.7", SPF_PASS, true, "" },
	{ "a@none.example", "", "a/24", SPF_PASS, true, "" },
	{ "a@none.example", "", "ip4:192.0.2.8", SPF_NONE, false, "" },
	{ "a@none.example", "", "ip4:192.0.2.8 ?all", SPF_NEUTRAL, true, "" },
	{ "a@none.example", "ip4:192.0.2.7", "-all", SPF_PASS, true, "" },
	{ "a@none.example", "ip4:192.0.2.7", "", SPF_PASS, true, "" },
	{ "a@none.example", "ip4:192.0.2.8", "-all", SPF_FAIL, true, "" },
	{ "a@none.example", "", "foo", SPF_NONE, false, "foo" },
	/* a record that used up its questions leaves the rules theirs */
	{ "a@circle.example", "+all", "", SPF_PERMERROR, false, "" },
};

static void
test_own_rules(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(own); i++) {
		struct spf_question q = question("192.0.2.7", own[i].sender);
		struct spf_verdict v;

		q.local_rules = view_of(own[i].rules);
		q.guess = view_of(own[i].guess);
		v = evaluate(&q);
		assert_string_equal(
		    spf_result_text(v.result), spf_result_text(own[i].result));
		assert_int_equal(v.is_local, own[i].is_local);
		assert_view_equal(v.wrong_local, view_of(own[i].wrong));
	}
	arena_reset(&mem);
}

static const struct {
	const char *ip, *sender, *helo, *field, *result;
} headers[] = {
	{ "192.0.2.7", "a@pass.example", "mx.test",
	    "Received-SPF: pass (mx.example.org: domain of a@pass.example designates "
	    "192.0.2.7 as permitted sender) client-ip=192.0.2.7; "
	    "envelope-from=a@pass.example;\n",
	    "spf=pass smtp.mailfrom=a@pass.example" },
	{ "2001:db8::1", "", "bare.example",
	    "Received-SPF: fail (mx.example.org: domain of postmaster@bare.example does "
	    "not designate 2001:db8::1 as permitted sender) client-ip=2001:db8::1; "
	    "helo=bare.example;\n",
	    "spf=fail smtp.helo=bare.example" },
	{ "192.0.2.7", "a b)(\"\\\x01@open.example", "mx.test",
	    "Received-SPF: neutral (mx.example.org: 192.0.2.7 is neither permitted nor "
	    "denied by domain of a b\\)\\(\\\"\\\\?@open.example) client-ip=192.0.2.7; "
	    "envelope-from=\"a b\\)\\(\\\"\\\\?@open.example\";\n",
	    "spf=neutral smtp.mailfrom=\"a b\\)\\(\\\"\\\\?@open.example\"" },
	{ "192.0.2.7", "a@none.example", "mx.test",
	    "Received-SPF: none (mx.example.org: domain of a@none.example does not "
	    "designate permitted senders) client-ip=192.0.2.7; "
	    "envelope-from=a@none.example;\n",
	    "spf=none smtp.mailfrom=a@none.example" },
	{ "192.0.2.7", "a@broken.example", "mx.test",
	    "Received-SPF: temperror (mx.example.org: error in processing during lookup "
	    "of a@broken.example) client-ip=192.0.2.7; "
	    "envelope-from=a@broken.example;\n",
	    "spf=temperror smtp.mailfrom=a@broken.example" },
	{ "192.0.2.7", "a@wrong.example", "mx.test",
	    "Received-SPF: permerror (mx.example.org: domain of a@wrong.example has a "
	    "record that is wrong) client-ip=192.0.2.7; envelope-from=a@wrong.example;\n",
	    "spf=permerror smtp.mailfrom=a@wrong.example" },
};

static void
test_headers(void **state)
{
	struct str out = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(headers); i++) {
		struct spf_question q = question(headers[i].ip, headers[i].sender);
		struct spf_verdict v;

		q.helo = view_of(headers[i].helo);
		v = evaluate(&q);
		str_clear(&out);
		spf_header_format(&out, &v, &q.ip, q.receiver);
		assert_string_equal(str_text(&out), headers[i].field);
		str_clear(&out);
		spf_header_result(&out, &v);
		assert_string_equal(str_text(&out), headers[i].result);
	}
	str_free(&out);
	arena_reset(&mem);
}

static void
test_own_host(void **state)
{
	struct spf_question q = question("127.0.0.1", "a@bare.example");
	struct spf_verdict v;

	(void)state;
	q.is_own = true;
	v = evaluate(&q);
	assert_int_equal(v.result, SPF_PASS);
	assert_true(v.is_local);
	arena_reset(&mem);
}

static void
test_words(void **state)
{
	(void)state;
	assert_string_equal(spf_result_variable(SPF_TEMPERROR), "error");
	assert_string_equal(spf_result_variable(SPF_PERMERROR), "unknown");
	assert_string_equal(spf_result_variable(SPF_SOFTFAIL), "softfail");
}

static int
free_memory(void **state)
{
	(void)state;
	arena_free(&mem);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_own_rules),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_own_host),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, free_memory);
}
