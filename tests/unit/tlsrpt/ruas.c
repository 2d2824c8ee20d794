#include "unit/unit.h"

#include "tlsrpt/ruas.h"

/* Where reports go: the targets with a blank between. */
static const struct {
	const char *name;
	struct view texts[2];
	size_t count;
	const char *targets;
} rows[] = {
	{ "none", { ROW("v=spf1 -all") }, 1, "" },
	{ "mail", { ROW("v=TLSRPTv1; rua=mailto:tls@a.example") }, 1, "tls@a.example" },
	{ "both", { ROW("v=TLSRPTv1;rua=https://a.example/x , MAILTO:tls@a.example;") },
	    1, "https://a.example/x tls@a.example" },
	{ "mail with parameters", { ROW("v=TLSRPTv1; rua=mailto:a@b.example?subject=x") },
	    1, "a@b.example" },
	{ "another field first", { ROW("v=TLSRPTv1; x=y; rua=mailto:a@b.example") }, 1,
	    "a@b.example" },
	{ "two records",
	    { ROW("v=TLSRPTv1; rua=mailto:a@b.example"), ROW("v=TLSRPTv1; x=y") }, 2,
	    "" },
	{ "another record beside",
	    { ROW("v=TLSRPTv2; x=y"), ROW("v=TLSRPTv1; rua=mailto:a@b.c") }, 2, "a@b.c" },
	{ "no rua", { ROW("v=TLSRPTv1; x=y") }, 1, "" },
	{ "no https", { ROW("v=TLSRPTv1; rua=http://a.example/,ftp://a.example/") }, 1,
	    "" },
	{ "a port", { ROW("v=TLSRPTv1; rua=https://a.example:25/") }, 1, "" },
	{ "a user", { ROW("v=TLSRPTv1; rua=https://u:p@a.example/") }, 1, "" },
	{ "an option", { ROW("v=TLSRPTv1; rua=mailto:-f@a.example") }, 1, "" },
	{ "quotes", { ROW("v=TLSRPTv1; rua=mailto:\"a\"@a.example") }, 1, "" },
	{ "no domain", { ROW("v=TLSRPTv1; rua=mailto:a@[192.0.2.1],mailto:a,mailto:@b") },
	    1, "" },
	{ "a line end", { ROW("v=TLSRPTv1; rua=mailto:a@b.example\nBcc") }, 1, "" },
};

static void
test_rows(void **state)
{
	struct rua ruas[RUAS_MAX];
	size_t i, j, count;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct str all = { 0 };

		print_message("%s\n", rows[i].name);
		count = ruas_find(rows[i].texts, rows[i].count, ruas);
		for (j = 0; j < count; j++) {
			str_append_text(&all, j > 0 ? " " : "");
			str_append(&all, ruas[j].target);
			if (ruas[j].kind == RUA_HTTPS)
				assert_view_equal(rua_host(&ruas[j]), VIEW("a.example"));
		}
		assert_string_equal(str_text(&all), rows[i].targets);
		str_free(&all);
	}
}

static void
test_many(void **state)
{
	struct rua ruas[RUAS_MAX];
	struct str text = { 0 };
	struct view one;
	size_t i;

	(void)state;
	str_append_text(&text, "v=TLSRPTv1; rua=mailto:a@b.example");
	for (i = 0; i < 2 * RUAS_MAX; i++)
		str_append_text(&text, ",mailto:a@b.example");
	one = str_view(&text);
	assert_int_equal(ruas_find(&one, 1, ruas), RUAS_MAX);
	str_free(&text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
		cmocka_unit_test(test_many) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
