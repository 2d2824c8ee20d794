/* criteria: patterns, ages and sizes. */
#include "unit/unit.h"

#include "qtool/criteria.h"

static const struct {
	const char *pattern, *text;
	bool fits;
} patterns[] = {
	{ "", "", true },
	{ "", "a", false },
	{ "a", "", false },
	{ "*", "", true },
	{ "*", "anything", true },
	{ "A@b.Example", "a@B.example", true },
	{ "a@b", "a@b.example", false },
	{ "*@b.example", "a@b.example", true },
	{ "*@b.example", "a@bb.example", false },
	{ "a*c", "abcbc", true },
	{ "a*b*c", "axxbyyc", true },
	{ "a*b*c", "axxcyyb", false },
	{ "*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    false },
	{ "**a", "ba", true },
};

static void
match(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof patterns / sizeof *patterns; i++)
		assert_int_equal(criteria_matches(view_of(patterns[i].pattern),
				     view_of(patterns[i].text)),
		    patterns[i].fits);
}

static void
ages(void **state)
{
	uint64_t n = 7;

	(void)state;
	assert_true(criteria_age(VIEW("90"), &n) && n == 90);
	assert_true(criteria_age(VIEW("5m"), &n) && n == 300);
	assert_true(criteria_age(VIEW("2w"), &n) && n == 1209600);
	assert_true(criteria_age(VIEW("99999999999999999999d"), &n) && n == UINT64_MAX);
	assert_true(criteria_size(VIEW("10k"), &n) && n == 10240);
	assert_false(criteria_age(VIEW(""), &n));
	assert_false(criteria_age(VIEW("m"), &n));
	assert_false(criteria_age(VIEW("5mm"), &n));
	assert_false(criteria_age(VIEW("-5"), &n));
	assert_false(criteria_age(VIEW("5k"), &n));
	assert_false(criteria_size(VIEW("5d"), &n));
	assert_int_equal(n, 10240);
}

static void
given(void **state)
{
	struct criteria c = { 0 };
	bool takes_value;

	(void)state;
	assert_false(criteria_is_given(&c));
	assert_true(criteria_take(&c, "sender", "", &takes_value) && takes_value);
	assert_true(criteria_is_given(&c));
	assert_true(criteria_take(&c, "all", NULL, &takes_value) && !takes_value);
	assert_false(criteria_take(&c, "sender", NULL, &takes_value));
	assert_false(criteria_take(&c, "nothing", "x", &takes_value));
	assert_false(criteria_take_id(&c, "12x"));
	assert_true(criteria_take_id(&c, "12") && c.ids[0] == 12);
	criteria_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(match),
		cmocka_unit_test(ages),
		cmocka_unit_test(given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
