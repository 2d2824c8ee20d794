/* runscript: the words of a shell script, as far as they can be told. */
#include "check/runscript.h"

#include "unit/unit.h"

static void
check_words(const char *text, const char *expected)
{
	struct runscript script;
	struct str all = { 0 };
	size_t i;

	runscript_parse(&script, view_of(text));
	for (i = 0; i < script.count; i++) {
		str_append_byte(&all, '<');
		str_append_text(&all, script.words[i]);
		str_append_byte(&all, '>');
	}
	assert_string_equal(str_text(&all), expected);
	str_free(&all);
	runscript_free(&script);
}

static void
words(void **state)
{
	(void)state;
	check_words("", "");
	check_words("# a comment\n", "");
	check_words("#!/bin/sh\na b # c\nd", "<a><b><d>");
	check_words("a#b", "<a#b>");
	check_words("exec x \\\n  y\n", "<exec><x><y>");
	check_words("A='b c' \"d 'e'\"", "<A=b c><d 'e'>");
	check_words("A=1; B=2", "<A=1><B=2>");
	check_words("-l \"$(head -n 1 control/me)\" $(id -u x) y",
	    "<-l><$(head -n 1 control/me)><$(id -u x><y>");
	check_words("a\\ b 2>&1", "<a b><2>&1>");
	check_words("'open", "<open>");
	check_words("open$(x", "<open$(x>");
	check_words("\\", "<\\>");
}

static void
options(void **state)
{
	struct runscript script;
	size_t where = 0;

	(void)state;
	runscript_parse(&script,
	    VIEW("exec softlimit -m 2000 \\\n\t/usr/bin/tcpserver -x rules -c40 0 25 "
		 "bin/qmail-smtpd"));
	assert_int_equal(runscript_find(&script, "softlimit"), 1);
	assert_int_equal(runscript_find(&script, "tcpserver"), 4);
	assert_int_equal(script.lines[4], 2);
	assert_int_equal(runscript_find(&script, "server"), script.count);
	assert_string_equal(runscript_option(&script, 1, "-m", &where), "2000");
	assert_int_equal(where, 2);
	assert_string_equal(runscript_option(&script, 4, "-x", &where), "rules");
	assert_string_equal(runscript_option(&script, 4, "-c", &where), "40");
	assert_null(runscript_option(&script, 4, "-u", &where));
	runscript_free(&script);
}

static void
assignments(void **state)
{
	(void)state;
	assert_true(runscript_is_assignment("A="));
	assert_true(runscript_is_assignment("_a9=x=y"));
	assert_false(runscript_is_assignment("=x"));
	assert_false(runscript_is_assignment("9A=x"));
	assert_false(runscript_is_assignment("--a=x"));
	assert_false(runscript_is_assignment("A"));
	assert_false(runscript_is_assignment(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(options),
		cmocka_unit_test(assignments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
