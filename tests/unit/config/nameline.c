/* nameline: one line, and the last line of a text that has a name. */
#include "config/nameline.h"

#include "unit/unit.h"

static void
lines(void **state)
{
	static const struct {
		struct view line;
		char separator;
		const char *name, *value; /* NULL: none */
	} rows[] = {
		{ ROW("example.org"), 0, "example.org", "" },
		{ ROW("example.org \t\r"), 0, "example.org", "" },
		{ ROW(" example.org"), 0, " example.org", "" },
		{ ROW("a:b"), 0, "a:b", "" },
		{ ROW(""), 0, NULL, NULL },
		{ ROW(" \t\r"), 0, NULL, NULL },
		{ ROW("#a"), 0, NULL, NULL },
		{ ROW(" #a"), 0, " #a", "" },
		{ ROW("a:b"), ':', "a", "b" },
		{ ROW("a:b:c"), ':', "a", "b:c" },
		{ ROW("a: b \r"), ':', "a", " b" },
		{ ROW("a :b"), ':', "a ", "b" },
		{ ROW("a:"), ':', "a", "" },
		{ ROW(":b"), ':', "", "b" },
		{ ROW("a"), ':', NULL, NULL },
		{ ROW("#a:b"), ':', NULL, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct view name = VIEW("-"), value = VIEW("-");

		assert_int_equal(
		    nameline_parse(rows[i].line, rows[i].separator, &name, &value),
		    rows[i].name != NULL);
		assert_view_equal(name, view_of(rows[i].name ? rows[i].name : "-"));
		assert_view_equal(value, view_of(rows[i].value ? rows[i].value : "-"));
	}
}

/* In the first line, in the last, behind a comment of any length: so the line is at any place of a
 * block, and its end at any place of the text's. */
static void
a_line_is_found_wherever_it_is(void **state)
{
	struct str text = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 300; i++) {
		size_t at;

		str_clear(&text);
		str_append_text(&text, "#");
		while (text.len < i)
			str_append_byte(&text, i % 2 ? 'b' : '\t');
		str_append_text(&text, "\n");
		at = text.len;
		assert_int_equal(
		    nameline_find_last(str_view(&text), VIEW("b@c.d"), 0), at);
		str_append_text(&text, "B@C.D");
		assert_int_equal(
		    nameline_find_last(str_view(&text), VIEW("b@c.d"), 0), at);
		assert_int_equal(
		    nameline_find_last(str_view(&text), VIEW("@c.d"), 0), text.len);
		str_append_text(&text, "\r\nxb@c.d\nb@c.dx\n");
		assert_int_equal(
		    nameline_find_last(str_view(&text), VIEW("b@c.d"), 0), at);
		while (text.len % 300 != i)
			str_append_text(&text, "\n");
		assert_int_equal(
		    nameline_find_last(str_view(&text), VIEW("b@c.d"), 0), at);
		assert_int_equal(
		    nameline_find_last(str_view(&text), VIEW(""), 0), text.len);
	}
	str_free(&text);
}

static void
names_of_any_length(void **state)
{
	struct str text = { 0 }, name = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 200; i++) {
		size_t at = text.len;

		str_append_byte(&name, (char)('a' + i % 26));
		str_append(&text, str_view(&name));
		str_append_text(&text, ":value\n");
		assert_int_equal(
		    nameline_find_last(str_view(&text), str_view(&name), ':'), at);
		assert_int_equal(
		    nameline_find_last(str_view(&text), str_view(&name), 0), text.len);
	}
	str_free(&text);
	str_free(&name);
}

static void
counting(void **state)
{
	struct str text = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		assert_int_equal(nameline_count(str_view(&text)), i - i / 3);
		str_append_text(&text, i % 3 == 2 ? "x" : "\n");
	}
	str_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(a_line_is_found_wherever_it_is),
		cmocka_unit_test(names_of_any_length),
		cmocka_unit_test(counting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
