/* control: files as admins and editors of all kinds leave them. */
#include "config/control.h"

#include <errno.h>

#include "unit/unit.h"

static void
first_lines(void **state)
{
	static const struct {
		struct view bytes;
		const char *line;
	} rows[] = {
		{ ROW(""), "" },
		{ ROW("\n"), "" },
		{ ROW("mx.example.org\n"), "mx.example.org" },
		{ ROW("mx.example.org"), "mx.example.org" },
		{ ROW("mx.example.org\r\n"), "mx.example.org" },
		{ ROW("mx.example.org \t \nnext\n"), "mx.example.org" },
		{ ROW("  mx.example.org\n"), "  mx.example.org" },
		{ ROW("\nmx.example.org\n"), "" },
		{ ROW("\xef\xbb\xbfmx.example.org\n"), "mx.example.org" },
		{ ROW("# no comment here\n"), "# no comment here" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct problem problem = { .what = NULL };
		struct str out = { 0 };

		unit_write_file("control/x", rows[i].bytes);
		str_append_text(&out, "before");
		assert_int_equal(control_line("control/x", &out, &problem), ANSWER_YES);
		assert_string_equal(str_text(&out), rows[i].line);
		assert_null(problem.what);
		str_free(&out);
	}
}

/* What cannot be read is an error, what is not there is a no; neither touches the result. */
static void
missing_and_unreadable(void **state)
{
	struct control_list list = { 0 };
	struct problem problem = { .what = NULL };
	struct str out = { 0 };
	uint64_t number = 5;

	(void)state;
	str_append_text(&out, "before");
	assert_int_equal(control_line("control/none", &out, &problem), ANSWER_NO);
	assert_int_equal(control_list("control/none", &list, &problem), ANSWER_NO);
	assert_null(problem.what);
	assert_int_equal(mkdir("control/dir", 0755), 0);
	assert_int_equal(control_line("control/dir", &out, &problem), ANSWER_ERROR);
	assert_string_equal(problem.where, "control/dir");
	assert_int_equal(problem.error, EISDIR);
	assert_int_equal(control_list("control/dir", &list, &problem), ANSWER_ERROR);
	assert_int_equal(control_number("control/dir", &number, NULL), ANSWER_ERROR);
	assert_int_equal(
	    control_line_or("control/dir", "control/none", &out, NULL), ANSWER_ERROR);
	assert_string_equal(str_text(&out), "before");
	assert_int_equal(number, 5);
	assert_int_equal(list.count, 0);
	str_free(&out);
}

static void
no_permission(void **state)
{
	struct problem problem = { .what = NULL };
	struct str out = { 0 };

	(void)state;
	if (geteuid() == 0)
		skip(); /* root may read everything */
	unit_write_file("control/secret", VIEW("x\n"));
	assert_int_equal(chmod("control/secret", 0), 0);
	assert_int_equal(control_line("control/secret", &out, &problem), ANSWER_ERROR);
	assert_int_equal(problem.error, EACCES);
}

static void
too_large(void **state)
{
	struct problem problem = { .what = NULL };
	struct str out = { 0 };

	(void)state;
	unit_write_file("control/large", VIEW("x\n"));
	assert_int_equal(truncate("control/large", CONTROL_MAX), 0);
	assert_int_equal(control_line("control/large", &out, &problem), ANSWER_YES);
	assert_int_equal(truncate("control/large", CONTROL_MAX + 1), 0);
	assert_int_equal(control_line("control/large", &out, &problem), ANSWER_ERROR);
	assert_string_equal(problem.what, "too large");
	assert_int_equal(unlink("control/large"), 0);
	str_free(&out);
}

static void
a_fallback(void **state)
{
	struct str out = { 0 };

	(void)state;
	unit_write_file("control/me", VIEW("mx.example.org\n"));
	unit_write_file("control/x", VIEW("other\n"));
	assert_int_equal(
	    control_line_or("control/none", "control/me", &out, NULL), ANSWER_YES);
	assert_string_equal(str_text(&out), "mx.example.org");
	assert_int_equal(
	    control_line_or("control/x", "control/me", &out, NULL), ANSWER_YES);
	assert_string_equal(str_text(&out), "other");
	assert_int_equal(
	    control_line_or("control/none", "control/none", &out, NULL), ANSWER_NO);
	str_free(&out);
}

static void
numbers(void **state)
{
	static const struct {
		const char *bytes;
		enum answer answer;
		uint64_t value;
	} rows[] = {
		{ "10\n", ANSWER_YES, 10 },
		{ "10 seconds\n", ANSWER_YES, 10 },
		{ "0\n", ANSWER_YES, 0 },
		{ "99999999999999999999999\n", ANSWER_YES, UINT64_MAX },
		{ " 10\n", ANSWER_NO, 7 },
		{ "-1\n", ANSWER_NO, 7 },
		{ "", ANSWER_NO, 7 },
		{ "\n10\n", ANSWER_NO, 7 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		uint64_t number = 7;

		unit_write_file("control/x", view_of(rows[i].bytes));
		assert_int_equal(
		    control_number("control/x", &number, NULL), rows[i].answer);
		assert_true(number == rows[i].value);
	}
}

static void
a_variable_wins_over_the_file(void **state)
{
	uint64_t number = 7;

	(void)state;
	unit_write_file("control/x", VIEW("10\n"));
	assert_int_equal(unsetenv("UNIT"), 0);
	assert_int_equal(
	    control_number_env("control/x", "UNIT", &number, NULL), ANSWER_YES);
	assert_int_equal(number, 10);
	assert_int_equal(setenv("UNIT", "20x", 1), 0);
	assert_int_equal(
	    control_number_env("control/x", "UNIT", &number, NULL), ANSWER_YES);
	assert_int_equal(number, 20);
	assert_int_equal(setenv("UNIT", "", 1), 0);
	assert_int_equal(
	    control_number_env("control/x", "UNIT", &number, NULL), ANSWER_YES);
	assert_int_equal(number, 0);
}

/* The entries as "LINE=text|LINE=text|". */
static void
check_list(const struct control_list *list, const char *expected)
{
	struct str got = { 0 };
	size_t i;

	for (i = 0; i < list->count; i++) {
		assert_true(list->entries[i].line < 10);
		str_append_byte(&got, (char)('0' + list->entries[i].line));
		str_append_byte(&got, '=');
		str_append(&got, list->entries[i].text);
		str_append_byte(&got, '|');
	}
	assert_string_equal(str_text(&got), expected);
	str_free(&got);
}

/* An empty value is one that is not given, wherever it stands. */
static void
a_variable_instead_of_a_line(void **state)
{
	struct str out = { 0 };

	(void)state;
	unit_write_file("control/x", VIEW("file \n"));
	unsetenv("UNIT_LINE");
	assert_int_equal(
	    control_line_env("control/x", "UNIT_LINE", &out, NULL), ANSWER_YES);
	assert_string_equal(str_text(&out), "file");
	setenv("UNIT_LINE", "variable ", 1);
	assert_int_equal(
	    control_line_env("control/dir", "UNIT_LINE", &out, NULL), ANSWER_YES);
	assert_string_equal(str_text(&out), "variable");
	setenv("UNIT_LINE", "", 1);
	assert_int_equal(
	    control_line_env("control/x", "UNIT_LINE", &out, NULL), ANSWER_NO);
	unsetenv("UNIT_LINE");
	unit_write_file("control/x", VIEW("\n"));
	assert_int_equal(
	    control_line_env("control/x", "UNIT_LINE", &out, NULL), ANSWER_NO);
	assert_int_equal(
	    control_line_env("control/dir", "UNIT_LINE", &out, NULL), ANSWER_ERROR);
	assert_string_equal(str_text(&out), "variable");
	str_free(&out);
}

static void
lists(void **state)
{
	static const struct {
		struct view bytes;
		const char *entries;
	} rows[] = {
		{ ROW(""), "" },
		{ ROW("\n\n"), "" },
		{ ROW("a\nb\n"), "1=a|2=b|" },
		{ ROW("a\nb"), "1=a|2=b|" },
		{ ROW("a\r\n\r\nb\r\n"), "1=a|3=b|" },
		{ ROW("#a\n #b\nc #d\n"), "2= #b|3=c #d|" },
		{ ROW("  a  \n\t\n"), "1=  a|" },
		{ ROW("\xef\xbb\xbf#a\nb\n"), "2=b|" },
		{ ROW("a\n\xef\xbb\xbf"
		      "b\n"),
		    "1=a|2=\xef\xbb\xbf"
		    "b|" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct control_list list = { 0 }, parsed = { 0 };

		unit_write_file("control/x", rows[i].bytes);
		assert_int_equal(control_list("control/x", &list, NULL), ANSWER_YES);
		check_list(&list, rows[i].entries);
		control_list_parse(rows[i].bytes, &parsed);
		check_list(&parsed, rows[i].entries);
		control_list_free(&list);
		control_list_free(&parsed);
		assert_int_equal(list.count, 0);
	}
}

static void
a_nul_is_a_byte_like_others(void **state)
{
	struct control_list list = { 0 };

	(void)state;
	control_list_parse(BYTES("a\0b\nc\n"), &list);
	assert_int_equal(list.count, 2);
	assert_view_equal(list.entries[0].text, BYTES("a\0b"));
	control_list_free(&list);
}

static void
a_long_list(void **state)
{
	struct control_list list = { 0 };
	struct str bytes = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 5000; i++)
		str_append_text(&bytes, "entry\n\n");
	control_list_parse(str_view(&bytes), &list);
	assert_int_equal(list.count, 5000);
	assert_int_equal(list.entries[4999].line, 9999);
	control_list_free(&list);
	str_free(&bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_lines),
		cmocka_unit_test(missing_and_unreadable),
		cmocka_unit_test(no_permission),
		cmocka_unit_test(too_large),
		cmocka_unit_test(a_fallback),
		cmocka_unit_test(numbers),
		cmocka_unit_test(a_variable_wins_over_the_file),
		cmocka_unit_test(a_variable_instead_of_a_line),
		cmocka_unit_test(lists),
		cmocka_unit_test(a_nul_is_a_byte_like_others),
		cmocka_unit_test(a_long_list),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
