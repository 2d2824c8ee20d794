/* The table of control files is one that a program can go by. */
#include "config/controlfiles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
each_is_found_once(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < controlfiles_count(); i++) {
		const struct controlfile *f = controlfiles_at(i);

		assert_ptr_equal(controlfiles_find(f->name), f);
		assert_null(strchr(f->name, '/'));
	}
	assert_null(controlfiles_find("no-such-file"));
}

static void
stock_is_first_and_the_rest_is_in_order(void **state)
{
	size_t i;

	(void)state;
	assert_true(controlfiles_at(0)->is_stock);
	for (i = 1; i < controlfiles_count(); i++) {
		const struct controlfile *before = controlfiles_at(i - 1);
		const struct controlfile *f = controlfiles_at(i);

		assert_true(before->is_stock >= f->is_stock);
		if (!before->is_stock)
			assert_true(strcmp(before->name, f->name) < 0);
	}
}

static void
what_holds_credentials_is_marked(void **state)
{
	static const struct {
		const char *name;
		enum controlfile_secret secret;
	} cases[] = {
		{ "smtproutes", CONTROLFILE_CREDENTIALS },
		{ "qmtproutes", CONTROLFILE_CREDENTIALS },
		{ "authsenders", CONTROLFILE_CREDENTIALS },
		{ "domaincerts", CONTROLFILE_CREDENTIALS },
		{ "remoteauth", CONTROLFILE_SECRET },
		{ "remotesecrets", CONTROLFILE_SECRET },
		{ "servercert.pem", CONTROLFILE_SECRET },
		{ "clientcert.pem", CONTROLFILE_SECRET },
		{ "routes", CONTROLFILE_SECRET },
		{ "oauth", CONTROLFILE_SECRET },
		{ "oauthtokens", CONTROLFILE_SECRET },
		{ "servercerts", CONTROLFILE_SECRET },
		{ "rcpthosts", CONTROLFILE_OPEN },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(
		    controlfiles_find(cases[i].name)->secret, cases[i].secret);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_found_once),
		cmocka_unit_test(stock_is_first_and_the_rest_is_in_order),
		cmocka_unit_test(what_holds_credentials_is_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
