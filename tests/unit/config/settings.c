/* limits, dialect, strict: what the files and variables say, and what is wrong with them. */
#include "config/dialect.h"
#include "config/limits.h"
#include "unit/unit.h"

static void
limits_are_the_defaults_as_changed(void **state)
{
	struct limits limits = { 0 }, expected = limits_default();
	struct problem problem = { .what = NULL };

	(void)state;
	unlink("control/limits");
	assert_int_equal(limits_read(&limits, &problem), ANSWER_YES);
	assert_memory_equal(&limits, &expected, sizeof limits);
	assert_int_equal(limits.command_line, 4096);
	unit_write_file("control/limits",
	    VIEW("# "
		 "ours\ncommand_line:2000\nsession:99999999999999999999999\nerrors:"
		 "1\nerrors:2\n"));
	assert_int_equal(limits_read(&limits, &problem), ANSWER_YES);
	assert_int_equal(limits.command_line, 2000);
	assert_true(limits.session == UINT64_MAX);
	assert_int_equal(limits.errors, 2);
	assert_int_equal(limits.auth_line, 12288);
}

static void
a_broken_limit_is_an_error_with_its_line(void **state)
{
	static const struct {
		const char *bytes, *where, *what;
	} rows[] = {
		{ "errors:5\nerror:1\n", "control/limits:2", "no such limit" },
		{ "errors\n", "control/limits:1", "not name:number" },
		{ "errors:\n", "control/limits:1", "not name:number" },
		{ "errors: 5\n", "control/limits:1", "not name:number" },
		{ "errors:-5\n", "control/limits:1", "not name:number" },
		{ "errors:5k\n", "control/limits:1", "not name:number" },
		{ "\n\nErrors:5\n", "control/limits:3", "no such limit" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct limits limits = { .errors = 3 };
		struct problem problem = { .what = NULL };

		unit_write_file("control/limits", view_of(rows[i].bytes));
		assert_int_equal(limits_read(&limits, &problem), ANSWER_ERROR);
		assert_string_equal(problem.where, rows[i].where);
		assert_string_equal(problem.what, rows[i].what);
		assert_int_equal(limits.errors, 3);
	}
	unlink("control/limits");
	assert_int_equal(mkdir("control/limits", 0755), 0);
	assert_int_equal(limits_read(&(struct limits) { 0 }, NULL), ANSWER_ERROR);
	assert_int_equal(rmdir("control/limits"), 0);
}

static void
dialects(void **state)
{
	static const struct {
		const char *variable, *file;
		enum answer answer;
		enum dialect dialect;
	} rows[] = {
		{ NULL, NULL, ANSWER_YES, DIALECT_NOTQMAIL },
		{ NULL, "\n", ANSWER_YES, DIALECT_NOTQMAIL },
		{ NULL, "notqmail\n", ANSWER_YES, DIALECT_NOTQMAIL },
		{ NULL, "Sagredo \n", ANSWER_YES, DIALECT_SAGREDO },
		{ NULL, "jms1\n", ANSWER_YES, DIALECT_JMS1 },
		{ NULL, "sqmail\n", ANSWER_YES, DIALECT_SQMAIL },
		{ NULL, "indimail\n", ANSWER_YES, DIALECT_INDIMAIL },
		{ NULL, "ldap\n", ANSWER_YES, DIALECT_LDAP },
		{ NULL, "exim\n", ANSWER_ERROR, DIALECT_LDAP },
		{ "ldap", "jms1\n", ANSWER_YES, DIALECT_LDAP },
		{ "", "jms1\n", ANSWER_YES, DIALECT_NOTQMAIL },
		{ "exim", "jms1\n", ANSWER_ERROR, DIALECT_LDAP },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct problem problem = { .what = NULL };
		enum dialect dialect = DIALECT_LDAP;

		unlink("control/dialect");
		if (rows[i].file)
			unit_write_file("control/dialect", view_of(rows[i].file));
		assert_int_equal(rows[i].variable
			? setenv("QDIALECT", rows[i].variable, 1)
			: unsetenv("QDIALECT"),
		    0);
		assert_int_equal(dialect_read(&dialect, &problem), rows[i].answer);
		assert_int_equal(dialect, rows[i].dialect);
		assert_int_equal(problem.what != NULL, rows[i].answer == ANSWER_ERROR);
	}
}

static void
strict_mode(void **state)
{
	static const struct {
		const char *variable, *file;
		bool strict;
	} rows[] = {
		{ NULL, NULL, false },
		{ NULL, "1\n", true },
		{ NULL, "0\n", false },
		{ NULL, "yes\n", false },
		{ "1", NULL, true },
		{ "0", "1\n", false },
		{ "", "1\n", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		bool strict = !rows[i].strict;

		unlink("control/strict");
		if (rows[i].file)
			unit_write_file("control/strict", view_of(rows[i].file));
		assert_int_equal(rows[i].variable ? setenv("QSTRICT", rows[i].variable, 1)
						  : unsetenv("QSTRICT"),
		    0);
		assert_int_equal(strict_read(&strict, NULL), ANSWER_YES);
		assert_int_equal(strict, rows[i].strict);
	}
	unlink("control/strict");
	assert_int_equal(unsetenv("QSTRICT"), 0);
	assert_int_equal(mkdir("control/strict", 0755), 0);
	assert_int_equal(strict_read(&(bool) { false }, NULL), ANSWER_ERROR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_the_defaults_as_changed),
		cmocka_unit_test(a_broken_limit_is_an_error_with_its_line),
		cmocka_unit_test(dialects),
		cmocka_unit_test(strict_mode),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
