/* controltext: the credential of a line is not shown, whatever else is in it. */
#include "try/controltext.h"
#include "unit/unit.h"

static void
credentials(void **state)
{
	static const struct {
		const char *file, *line, *shown;
	} rows[] = {
		{ "smtproutes", "a:b", "a:b" },
		{ "smtproutes", ":b:587", ":b:587" },
		{ "smtproutes", "a:b u s3cret", "a:b (and what is not shown)" },
		{ "smtproutes", "a:b:s465 u s3cret", "a:b:s465 (and what is not shown)" },
		{ "smtproutes", "a:b|u|s3cret", "a:b| (and what is not shown)" },
		{ "smtproutes", "s3cret", " (and what is not shown)" },
		{ "smtproutes", "a:b:x y z s3cret", "a: (and what is not shown)" },
		{ "qmtproutes", "a:b u s3cret", "a:b (and what is not shown)" },
		{ "authsenders", "a@b|u|s3cret", "a@b| (and what is not shown)" },
		{ "authsenders", "a@b:", "a@b:" },
		{ "domaincerts", "a:c|k|s3cret", "a:c|k (and what is not shown)" },
		{ "domaincerts", "a:c|k", "a:c|k" },
		{ "domaincerts", "a:c", "a:c" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct str out = { 0 };

		controltext_append_hidden(&out, rows[i].file, view_of(rows[i].line));
		assert_string_equal(str_text(&out), rows[i].shown);
		str_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(credentials) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
