/* view: comparing, finding and cutting. */
#include "unit/unit.h"

static void
equality_knows_length_case_and_nul(void **state)
{
	static const struct {
		struct view a, b;
		bool equal, nocase;
	} rows[] = {
		{ ROW(""), { NULL, 0 }, true, true },
		{ ROW("abc"), ROW("abc"), true, true },
		{ ROW("abc"), ROW("ABC"), false, true },
		{ ROW("abc"), ROW("abcd"), false, false },
		{ ROW("a\0b"), ROW("a\0c"), false, false },
		{ ROW("a\0B"), ROW("A\0b"), false, true },
		{ ROW("\xc3\x84"), ROW("\xc3\xa4"), false, false },
		{ ROW("@["), ROW("`{"), false, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(view_equal(rows[i].a, rows[i].b), rows[i].equal);
		assert_int_equal(view_equal_nocase(rows[i].a, rows[i].b), rows[i].nocase);
	}
}

static void
starts_and_ends(void **state)
{
	struct view v = VIEW("Example.ORG");

	(void)state;
	assert_true(view_starts(v, VIEW("Exam")));
	assert_true(view_starts(v, VIEW("")));
	assert_false(view_starts(v, VIEW("exam")));
	assert_true(view_starts_nocase(v, VIEW("exam")));
	assert_false(view_starts(VIEW("Ex"), VIEW("Exam")));
	assert_true(view_ends_nocase(v, VIEW(".org")));
	assert_false(view_ends_nocase(VIEW("g"), VIEW(".org")));
	assert_true(view_ends(VIEW("a.org"), VIEW(".org")));
	assert_false(view_ends(VIEW("a.ORG"), VIEW(".org")));
	assert_false(view_ends(VIEW("g"), VIEW(".org")));
	assert_true(view_contains(v, VIEW("ple.O")));
	assert_true(view_contains(v, v));
	assert_true(view_contains(VIEW(""), VIEW("")));
	assert_false(view_contains(v, VIEW("orgs")));
	assert_false(view_contains(VIEW("ab"), VIEW("abc")));
}

static void
control_characters(void **state)
{
	(void)state;
	assert_true(view_has_control(VIEW("a\nb")));
	assert_true(view_has_control((struct view) { "a\0", 2 }));
	assert_true(view_has_control(VIEW("\x7f")));
	assert_true(view_has_control(VIEW("\x1f")));
	assert_false(view_has_control(VIEW(" a~\x80\xff")));
	assert_false(view_has_control(VIEW("")));
}

static void
order(void **state)
{
	(void)state;
	assert_true(view_compare(VIEW("a"), VIEW("b")) < 0);
	assert_true(view_compare(VIEW("b"), VIEW("a")) > 0);
	assert_true(view_compare(VIEW("a"), VIEW("a-")) < 0);
	assert_true(view_compare(VIEW("a\xff"), VIEW("a-")) > 0);
	assert_true(view_compare(VIEW(""), VIEW("a")) < 0);
	assert_int_equal(view_compare(VIEW("a-b"), VIEW("a-b")), 0);
	assert_int_equal(view_compare((struct view) { NULL, 0 }, VIEW("")), 0);
}

static void
index_from_both_ends(void **state)
{
	(void)state;
	assert_int_equal(view_index(VIEW("a@b@c"), '@'), 1);
	assert_int_equal(view_rindex(VIEW("a@b@c"), '@'), 3);
	assert_int_equal(view_index(VIEW("abc"), '@'), 3);
	assert_int_equal(view_rindex(VIEW("abc"), '@'), 3);
	assert_int_equal(view_rindex(VIEW("@"), '@'), 0);
	assert_int_equal(view_index((struct view) { NULL, 0 }, '@'), 0);
	assert_int_equal(view_index(BYTES("a\0b"), '\0'), 1);
}

static void
parts_stop_at_the_end(void **state)
{
	struct view v = VIEW("abc");

	(void)state;
	assert_view_equal(view_first(v, 2), VIEW("ab"));
	assert_view_equal(view_first(v, 9), VIEW("abc"));
	assert_view_equal(view_from(v, 2), VIEW("c"));
	assert_view_equal(view_from(v, 9), VIEW(""));
	assert_int_equal(view_from((struct view) { NULL, 0 }, 1).len, 0);
}

static void
cut_leaves_both_untouched_without_a_separator(void **state)
{
	struct view before = VIEW("x"), after = VIEW("y"), all = VIEW("a:b:c");

	(void)state;
	assert_false(view_cut(VIEW("abc"), ':', &before, &after));
	assert_view_equal(before, VIEW("x"));
	assert_view_equal(after, VIEW("y"));
	assert_true(view_cut(all, ':', &before, &all));
	assert_view_equal(before, VIEW("a"));
	assert_view_equal(all, VIEW("b:c"));
	assert_true(view_cut(VIEW(":"), ':', &before, &after));
	assert_int_equal(before.len + after.len, 0);
}

static void
trimming(void **state)
{
	(void)state;
	assert_view_equal(view_trim_left(VIEW(" \t a ")), VIEW("a "));
	assert_view_equal(view_trim_left(VIEW("\na")), VIEW("\na"));
	assert_view_equal(view_trim_right(VIEW(" a \t\r\n")), VIEW(" a"));
	assert_view_equal(view_trim_right(VIEW(" \t\r\n")), VIEW(""));
	assert_view_equal(view_trim_right(BYTES("a\0")), BYTES("a\0"));
	assert_view_equal(view_trim_root(VIEW("a.b.")), VIEW("a.b"));
	assert_view_equal(view_trim_root(VIEW("a.b")), VIEW("a.b"));
	assert_view_equal(view_trim_root(VIEW(".")), VIEW("."));
	assert_view_equal(view_trim_root(VIEW("")), VIEW(""));
}

static void
words_and_pieces(void **state)
{
	struct view rest = VIEW(" one\ttwo  "), piece;

	(void)state;
	assert_view_equal(view_trim_blanks(VIEW(" \ta\n ")), VIEW("a\n"));
	assert_view_equal(view_next_word(&rest), VIEW("one"));
	assert_view_equal(view_next_word(&rest), VIEW("two"));
	assert_view_equal(view_next_word(&rest), VIEW(""));
	rest = VIEW("a ; b;;c;");
	assert_true(view_next_piece(&rest, ';', &piece));
	assert_view_equal(piece, VIEW("a"));
	assert_true(view_next_piece(&rest, ';', &piece));
	assert_view_equal(piece, VIEW("b"));
	assert_true(view_next_piece(&rest, ';', &piece));
	assert_view_equal(piece, VIEW(""));
	assert_true(view_next_piece(&rest, ';', &piece));
	assert_view_equal(piece, VIEW("c"));
	assert_false(view_next_piece(&rest, ';', &piece));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality_knows_length_case_and_nul),
		cmocka_unit_test(starts_and_ends),
		cmocka_unit_test(control_characters),
		cmocka_unit_test(order),
		cmocka_unit_test(index_from_both_ends),
		cmocka_unit_test(parts_stop_at_the_end),
		cmocka_unit_test(cut_leaves_both_untouched_without_a_separator),
		cmocka_unit_test(trimming),
		cmocka_unit_test(words_and_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
