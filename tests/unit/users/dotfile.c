/* dotfile: the names that are tried for an extension, in their order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "users/dotfile.h"

static const struct {
	const char *dash, *ext;
	const char *names[6];
	const char
	    *standing_for[6]; /* what "default" stands for; NULL: not a default name */
} searches[] = {
	{ "", "", { ".qmail", ".qmaildefault" }, { NULL, "" } },
	{ "-", "", { ".qmail-", ".qmail-default" }, { NULL, "" } },
	{ "-", "A.b", { ".qmail-a:b", ".qmail-default" }, { NULL, "A.b" } },
	{ "-", "l-x.y-Z",
	    { ".qmail-l-x:y-z", ".qmail-l-x:y-default", ".qmail-l-default",
		".qmail-default" },
	    { NULL, "Z", "x.y-Z", "l-x.y-Z" } },
	{ "-", "a-", { ".qmail-a-", ".qmail-a-default", ".qmail-default" },
	    { NULL, "", "a-" } },
	{ "-", "-a", { ".qmail--a", ".qmail--default", ".qmail-default" },
	    { NULL, "a", "-a" } },
	{ "-", "../x", { ".qmail-::/x", ".qmail-default" }, { NULL, "../x" } },
};

static void
order(void **state)
{
	struct str name = { 0 };
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof searches / sizeof *searches; i++) {
		struct dotfile_search search = { .dash = view_of(searches[i].dash),
			.ext = view_of(searches[i].ext) };
		bool is_default;

		for (n = 0; dotfile_next(&search, &name, &is_default); n++) {
			const char *rest = searches[i].standing_for[n];

			assert_non_null(searches[i].names[n]);
			assert_string_equal(str_text(&name), searches[i].names[n]);
			assert_int_equal(is_default, rest != NULL);
			if (rest)
				assert_true(view_equal(
				    view_from(search.ext, search.at), view_of(rest)));
		}
		assert_null(searches[i].names[n]);
	}
	str_free(&name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(order) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
