/* limits, dialect, strict: what the files and variables say, and what is wrong with them. */
#include <inttypes.h>
#include <stdio.h>

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
	assert_int_equal(limits.session, 31536000); /* the most */
	assert_int_equal(limits.errors, 2);
	assert_int_equal(limits.auth_line, 12288);
}

/* What comes of "name:value" and, for the limits far beyond, a zero behind it. */
static enum answer
read_one(const char *name, uint64_t value, const char *behind, struct limits *out)
{
	char line[200];

	snprintf(line, sizeof line, "%s:%" PRIu64 "%s\n", name, value, behind);
	unit_write_file("control/limits", view_of(line));
	return limits_read(out, NULL);
}

static void
a_limit_is_between_its_least_and_its_most(void **state)
{
#define LIMIT_ROW(name, value, least, most) \
	{ #name, value, least, most, offsetof(struct limits, name) },
	static const struct {
		const char *name;
		uint64_t value, least, most;
		size_t offset;
	} rows[] = { LIMITS(LIMIT_ROW) };
#undef LIMIT_ROW
	struct limits limits;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		const char *at = (const char *)&limits + rows[i].offset;
		const uint64_t *got = (const uint64_t *)(const void *)at;
		const char *name = rows[i].name;

		assert_true(
		    rows[i].least <= rows[i].value && rows[i].value <= rows[i].most);
		assert_int_equal(read_one(name, rows[i].least, "", &limits), ANSWER_YES);
		assert_true(*got == rows[i].least);
		assert_int_equal(read_one(name, rows[i].most, "", &limits), ANSWER_YES);
		assert_true(*got == rows[i].most);
		assert_int_equal(read_one(name, rows[i].most, "0", &limits), ANSWER_YES);
		assert_true(*got == rows[i].most);
		if (rows[i].least > 0)
			assert_int_equal(
			    read_one(name, rows[i].least - 1, "", &limits), ANSWER_ERROR);
	}
	unlink("control/limits");
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
		{ "errors:1\nerrors:0\n", "control/limits:2",
		    "less than this limit may be" },
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
		cmocka_unit_test(a_limit_is_between_its_least_and_its_most),
		cmocka_unit_test(a_broken_limit_is_an_error_with_its_line),
		cmocka_unit_test(dialects),
		cmocka_unit_test(strict_mode),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
