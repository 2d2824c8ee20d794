/* str: growing, and taking parts of itself. */
#include "unit/unit.h"

static void
empty_is_valid(void **state)
{
	struct str s = { 0 };

	(void)state;
	assert_string_equal(str_text(&s), "");
	assert_int_equal(str_view(&s).len, 0);
	str_clear(&s);
	str_cut(&s, 3);
	str_append(&s, (struct view) { NULL, 0 });
	assert_string_equal(str_text(&s), "");
	str_set(&s, (struct view) { NULL, 0 });
	assert_string_equal(str_text(&s), "");
	str_free(&s);
	str_wipe(&s);
	assert_null(s.at);
}

static void
appends_keep_every_byte_and_a_nul_behind(void **state)
{
	struct str s = { 0 };

	(void)state;
	str_append(&s, BYTES("a\0b"));
	str_append_byte(&s, '\n');
	str_append_text(&s, "text");
	str_append_lower(&s, VIEW("ABC\xc3\x84[@"));
	assert_view_equal(str_view(&s), BYTES("a\0b\ntextabc\xc3\x84[@"));
	assert_int_equal(s.at[s.len], '\0');
	str_cut(&s, 1);
	assert_string_equal(str_text(&s), "a");
	str_cut(&s, 5);
	assert_int_equal(s.len, 1);
	str_free(&s);
}

static void
a_part_of_itself_survives_the_move(void **state)
{
	struct str s = { 0 };
	size_t i;

	(void)state;
	str_set(&s, VIEW("0123456789"));
	for (i = 0; i < 12; i++) /* grows past every size it had */
		str_append(&s, str_view(&s));
	assert_int_equal(s.len, 10 << 12);
	for (i = 0; i < s.len; i++)
		assert_int_equal(s.at[i], '0' + (int)(i % 10));
	str_append(&s, view_from(view_first(str_view(&s), 7), 3));
	assert_view_equal(view_from(str_view(&s), 10 << 12), VIEW("3456"));
	str_set(&s, view_from(view_first(str_view(&s), 7), 3));
	assert_string_equal(str_text(&s), "3456");
	str_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_is_valid),
		cmocka_unit_test(appends_keep_every_byte_and_a_nul_behind),
		cmocka_unit_test(a_part_of_itself_survives_the_move),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
