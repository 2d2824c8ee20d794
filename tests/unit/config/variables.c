/* variables: which names a login may set, and the lines that say so. */
#include "config/variables.h"

#include "unit/unit.h"

static const struct {
	const char *name;
	bool allowed;
} names[] = {
	{ "DATABYTES", true },
	{ "QMAILQUEUE", true },
	{ "MAXRCPT", true },
	{ "_A1", true },
	{ "LDAP", true },
	{ "PATHS", true },
	{ "", false },
	{ "databytes", false },
	{ "1A", false },
	{ "A-B", false },
	{ "A B", false },
	{ "PATH", false },
	{ "LD_PRELOAD", false },
	{ "LD_LIBRARY_PATH", false },
	{ "GLIBC_TUNABLES", false },
	{ "PERL5LIB", false },
	{ "BASH_ENV", false },
	{ "ENV", false },
	{ "IFS", false },
	{ "QMAILHOME", false },
	{ "QSTRICT", false },
	{ "QMAILSID", false },
	{ "AUTH_CDB", false },
};

static void
which_names(void **state)
{
	char longest[VARIABLE_NAME_MAX + 2];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(names); i++)
		if (variables_allow(view_of(names[i].name)) != names[i].allowed)
			fail_msg("%s", names[i].name);
	memset(longest, 'A', sizeof longest);
	assert_true(variables_allow((struct view) { longest, VARIABLE_NAME_MAX }));
	assert_false(variables_allow((struct view) { longest, VARIABLE_NAME_MAX + 1 }));
	assert_false(variables_allow(BYTES("A\0B")));
}

static void
lines(void **state)
{
	struct view rest =
	    VIEW("a@b.example\n A=1\nB=2\n PATH=x\n C\n D=\x01\n\n E=a=b c\n F=");
	struct view name, value;

	(void)state;
	assert_true(variables_next(&rest, &name, &value));
	assert_view_equal(name, VIEW("A"));
	assert_view_equal(value, VIEW("1"));
	assert_true(variables_next(&rest, &name, &value));
	assert_view_equal(name, VIEW("E"));
	assert_view_equal(value, VIEW("a=b c"));
	assert_true(variables_next(&rest, &name, &value));
	assert_view_equal(name, VIEW("F"));
	assert_view_equal(value, VIEW(""));
	assert_false(variables_next(&rest, &name, &value));
}

static void
there_and_back(void **state)
{
	struct str text = { 0 };
	struct view rest, name, value;

	(void)state;
	variables_append(&text, VIEW("MAXRCPT"), VIEW("10"));
	rest = str_view(&text);
	assert_true(variables_next(&rest, &name, &value));
	assert_view_equal(name, VIEW("MAXRCPT"));
	assert_view_equal(value, VIEW("10"));
	assert_int_equal(rest.len, 0);
	str_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_names),
		cmocka_unit_test(lines),
		cmocka_unit_test(there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
