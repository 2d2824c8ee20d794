/* policy/spf/record: which text is a record, which terms are good, and what they say. */
#include "unit/unit.h"

#include "policy/spf/record.h"

static const struct {
	const char *text;
	bool is_one;
} texts[] = {
	{ "v=spf1", true },
	{ "v=spf1 -all", true },
	{ "V=SPF1 -all", true },
	{ "v=spf10 -all", false },
	{ "v=spf1\t-all", false },
	{ "v=spf2 -all", false },
	{ " v=spf1", false },
	{ "v=spf", false },
	{ "", false },
};

static void
test_version(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++)
		assert_int_equal(
		    spf_record_is_one(view_of(texts[i].text)), texts[i].is_one);
}

static const struct {
	const char *terms;
	size_t count;
	const char *wrong; /* NULL: all are good */
} records[] = {
	{ "", 0, NULL },
	{ "   ", 0, NULL },
	{ " -all", 1, NULL },
	{ " +a  ~mx ?ptr -ALL ", 4, NULL },
	{ " all:x", 0, "all:x" },
	{ " all/8", 0, "all/8" },
	{ " -all nonsense", 0, "nonsense" },
	{ " --all", 0, "--all" },
	{ " include", 0, "include" },
	{ " include:", 0, "include:" },
	{ " include:a.example/24", 0, "include:a.example/24" },
	{ " a/0 a/32 a//128 a/24//64 a:b.example/24//64", 5, NULL },
	{ " a/33", 0, "a/33" },
	{ " a/024", 0, "a/024" },
	{ " a//129", 0, "a//129" },
	{ " a/", 0, "a/" },
	{ " a//64/24", 0, "a//64/24" },
	{ " a:%{d/}", 1, NULL },
	{ " ptr/24", 0, "ptr/24" },
	{ " ip4:192.0.2.1 ip4:192.0.2.0/24", 2, NULL },
	{ " ip4", 0, "ip4" },
	{ " ip4:192.0.2", 0, "ip4:192.0.2" },
	{ " ip4:2001:db8::1", 0, "ip4:2001:db8::1" },
	{ " ip4:::ffff:192.0.2.1", 0, "ip4:::ffff:192.0.2.1" },
	{ " ip4:192.0.2.0/24//64", 0, "ip4:192.0.2.0/24//64" },
	{ " ip6:2001:db8::/32 ip6:::1 ip6:::ffff:192.0.2.1", 3, NULL },
	{ " ip6:192.0.2.1", 0, "ip6:192.0.2.1" },
	{ " ip6:2001:db8::/129", 0, "ip6:2001:db8::/129" },
	{ " exists:%{i}.example", 1, NULL },
	{ " exists", 0, "exists" },
	{ " redirect=a.example exp=b.example", 0, NULL },
	{ " redirect=a.example redirect=b.example", 0, "redirect=b.example" },
	{ " exp=a.example exp=b.example", 0, "exp=b.example" },
	{ " redirect=", 0, "redirect=" },
	{ " -redirect=a.example", 0, "-redirect=a.example" },
	{ " redirect:a.example", 0, "redirect:a.example" },
	{ " x-y.z_1=%{d}(tm) all", 1, NULL },
	{ " x=%x", 0, "x=%x" },
	{ " 1x=y", 0, "1x=y" },
	{ " =y", 0, "=y" },
	{ " a\n", 0, "a\n" },
	{ " \xef\xbb\xbf"
	  "all",
	    0,
	    "\xef\xbb\xbf"
	    "all" },
};

static void
test_terms(void **state)
{
	struct spf_record record;
	struct arena mem = { 0 };
	struct view wrong;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(records); i++) {
		bool good =
		    spf_record_parse(view_of(records[i].terms), &mem, &record, &wrong);

		assert_int_equal(good, records[i].wrong == NULL);
		if (good)
			assert_int_equal(record.count, records[i].count);
		else
			assert_view_equal(wrong, view_of(records[i].wrong));
	}
	arena_free(&mem);
}

static void
test_meaning(void **state)
{
	struct spf_record r;
	struct arena mem = { 0 };
	struct view wrong;

	(void)state;
	assert_true(spf_record_parse(VIEW("~A:x.example/24//64 ?ip6:2001:db8::/32 -all "
					  "ip6:::ffff:1.2.3.4 Redirect=y.example"),
	    &mem, &r, &wrong));
	assert_int_equal(r.count, 4);
	assert_int_equal(r.terms[0].mechanism, SPF_A);
	assert_int_equal(r.terms[0].result, SPF_SOFTFAIL);
	assert_view_equal(r.terms[0].domain, VIEW("x.example"));
	assert_int_equal(r.terms[0].bits4, 24);
	assert_int_equal(r.terms[0].bits6, 64);
	assert_view_equal(r.terms[0].text, VIEW("~A:x.example/24//64"));
	assert_int_equal(r.terms[1].result, SPF_NEUTRAL);
	assert_int_equal(r.terms[1].bits6, 32);
	assert_int_equal(r.terms[1].ip.version, 6);
	assert_int_equal(r.terms[2].result, SPF_FAIL);
	assert_int_equal(r.terms[3].result, SPF_PASS);
	assert_int_equal(r.terms[3].ip.version, 6);
	assert_int_equal(r.terms[3].ip.bytes[15], 4);
	assert_true(r.has_redirect);
	assert_false(r.has_exp);
	assert_view_equal(r.redirect, VIEW("y.example"));
	arena_free(&mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_terms),
		cmocka_unit_test(test_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
