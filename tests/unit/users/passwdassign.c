/* passwdassign: what is a line of passwd, and the lines that it becomes. */
#include "users/passwdassign.h"
#include "unit/unit.h"

static void
lines_of_passwd(void **state)
{
	static const struct {
		struct view line;
		const char *middle; /* NULL: no line */
		uint64_t number;
	} rows[] = {
		{ ROW("joe:x:500:501:Joe, 1:/home/joe:/bin/sh"),
		    ":joe:500:501:/home/joe:", 500 },
		{ ROW("joe:x:500:501::/home/joe:"), ":joe:500:501:/home/joe:", 500 },
		{ ROW("joe:x:500:501::/home/joe::x:y"), ":joe:500:501:/home/joe:", 500 },
		{ ROW("joe:x:007y:::h:"), ":joe:007y::h:", 7 },
		{ ROW("joe:x:-1:::h:"), ":joe:-1::h:", 0 },
		{ ROW("::::::"), ":::::", 0 },
		{ ROW("joe:x:500:501::/home/joe"), NULL, 0 },
		{ ROW("joe"), NULL, 0 },
		{ ROW(""), NULL, 0 },
		{ ROW("joe\0:x:500:501::/home/joe:"), NULL, 0 },
		{ ROW("joe:x:500:501::/home/joe:/bin/\0sh"), NULL, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct passwdassign_account a;
		struct str middle = { 0 };

		assert_int_equal(
		    passwdassign_parse(rows[i].line, &a), rows[i].middle != NULL);
		if (!rows[i].middle)
			continue;
		passwdassign_append_middle(&middle, &a);
		assert_string_equal(str_text(&middle), rows[i].middle);
		assert_int_equal(a.number, rows[i].number);
		str_free(&middle);
	}
}

static void
names(void **state)
{
	static const struct {
		struct passwdassign how;
		const char *names, *lines;
	} rows[] = {
		{ { false, '-' }, "a", "=a:M:::\n+a-:M:-::\n" },
		{ { true, '+' }, "a:b", "=a:M:::\n+a+:M:-/::\n=b:M:::\n+b+:M:-/::\n" },
		{ { false, 0 }, "::a::", "=a:M:::\n" },
		{ { false, '-' }, "", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct str out = { 0 };

		passwdassign_append_names(
		    &out, &rows[i].how, view_of(rows[i].names), VIEW(":M:"));
		assert_string_equal(str_text(&out), rows[i].lines);
		str_free(&out);
	}
}

static void
subusers(void **state)
{
	static const struct passwdassign how = { false, '-' };
	struct passwdassign_sub sub;
	struct str out = { 0 };

	(void)state;
	assert_true(passwdassign_parse_sub(VIEW("s:joe:p:more"), &sub));
	assert_true(sub.is_whole);
	passwdassign_append_sub(&out, &how, &sub, VIEW(":M:"));
	assert_string_equal(str_text(&out), "=s:M:-:p:\n+s-:M:-:p-:\n");
	assert_true(passwdassign_parse_sub(VIEW("s:joe:p"), &sub));
	assert_false(sub.is_whole);
	assert_false(passwdassign_parse_sub(VIEW("s:joe"), &sub));
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_passwd),
		cmocka_unit_test(names),
		cmocka_unit_test(subusers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
