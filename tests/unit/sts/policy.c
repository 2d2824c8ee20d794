#include "unit/unit.h"

#include "sts/policy.h"

/* What a policy comes to: its mode, "max_age", patterns; or why it is none. */
static const struct {
	const char *name;
	struct view text;
	const char *wrong; /* NULL: none */
	enum sts_mode mode;
	uint64_t max_age;
	const char *mx;
} rows[] = {
	{ "enforce",
	    ROW("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 604800\n"), NULL,
	    STS_ENFORCE, 604800, "a.example" },
	{ "CRLF, no end of the last line",
	    ROW("version: STSv1\r\nmode: testing\r\nmx: a.example\r\nmx: "
		"*.B.example\r\nmax_age: 1"),
	    NULL, STS_TESTING, 1, "a.example *.b.example" },
	{ "none needs no mx", ROW("version: STSv1\nmode: none\nmax_age: 0\n"), NULL,
	    STS_NONE, 0, "" },
	{ "blanks",
	    ROW("version:STSv1 \t\nmode \t: \t enforce\nmx:a.example \nmax_age:  9 \n"),
	    NULL, STS_ENFORCE, 9, "a.example" },
	{ "unknown keys, empty lines",
	    ROW("x: y\nversion: STSv1\n\nmode: enforce\nmx: a.example\nmax_age: "
		"9\nother:\n"),
	    NULL, STS_ENFORCE, 9, "a.example" },
	{ "any order", ROW("max_age: 9\nmx: a.example\nmode: enforce\nversion: STSv1\n"),
	    NULL, STS_ENFORCE, 9, "a.example" },
	{ "the first counts",
	    ROW("version: STSv1\nversion: STSv2\nmode: none\nmode: enforce\nmax_age: "
		"9\nmax_age: 8\n"),
	    NULL, STS_NONE, 9, "" },
	{ "too long an age", ROW("version: STSv1\nmode: none\nmax_age: 4000000000\n"),
	    NULL, STS_NONE, STS_AGE_MAX, "" },
	{ "empty", ROW(""), "the version is not STSv1", 0, 0, NULL },
	{ "another version", ROW("version: STSv2\nmode: none\nmax_age: 9\n"),
	    "the version is not STSv1", 0, 0, NULL },
	{ "version in lower case", ROW("version: stsv1\nmode: none\nmax_age: 9\n"),
	    "the version is not STSv1", 0, 0, NULL },
	{ "no mode", ROW("version: STSv1\nmx: a.example\nmax_age: 9\n"),
	    "the mode is not enforce, testing or none", 0, 0, NULL },
	{ "another mode",
	    ROW("version: STSv1\nmode: report\nmx: a.example\nmax_age: 9\n"),
	    "the mode is not enforce, testing or none", 0, 0, NULL },
	{ "no mx", ROW("version: STSv1\nmode: enforce\nmax_age: 9\n"), "there is no mx",
	    0, 0, NULL },
	{ "no age", ROW("version: STSv1\nmode: none\n"),
	    "max_age is no number of seconds", 0, 0, NULL },
	{ "a bad age", ROW("version: STSv1\nmode: none\nmax_age: -1\n"),
	    "max_age is no number of seconds", 0, 0, NULL },
	{ "an endless age", ROW("version: STSv1\nmode: none\nmax_age: 00000000001\n"),
	    "max_age is no number of seconds", 0, 0, NULL },
	{ "a bad mx", ROW("version: STSv1\nmode: enforce\nmx: a..example\nmax_age: 9\n"),
	    "an mx is no host name", 0, 0, NULL },
	{ "a star within",
	    ROW("version: STSv1\nmode: enforce\nmx: a.*.example\nmax_age: 9\n"),
	    "an mx is no host name", 0, 0, NULL },
	{ "two hosts in a line",
	    ROW("version: STSv1\nmode: enforce\nmx: a.example b.example\nmax_age: 9\n"),
	    "an mx is no host name", 0, 0, NULL },
	{ "a NUL", ROW("version: STSv1\nmode: enforce\nmx: a\0.example\nmax_age: 9\n"),
	    "an mx is no host name", 0, 0, NULL },
	{ "no colon", ROW("version: STSv1\nmode none\n"), "a line is not \"key: value\"",
	    0, 0, NULL },
};

static void
test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct policy p = { 0 };
		const char *wrong = policy_parse(rows[i].text, &p);

		print_message("%s\n", rows[i].name);
		if (rows[i].wrong) {
			assert_non_null(wrong);
			assert_string_equal(wrong, rows[i].wrong);
			assert_int_equal(p.mx.len, 0);
		} else {
			assert_null(wrong);
			assert_int_equal(p.mode, rows[i].mode);
			assert_int_equal(p.max_age, rows[i].max_age);
			assert_string_equal(str_text(&p.mx), rows[i].mx);
		}
		policy_free(&p);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
