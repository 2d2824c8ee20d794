/* lib/pack: numbers, and octets, from the front of bytes. */
#include "unit/unit.h"

#include "lib/pack.h"

static void
test_numbers(void **state)
{
	static const struct {
		uint64_t number;
		int octets;
		struct view packed;
	} cases[] = {
		{ 0, 1, ROW("\0") },
		{ 255, 1, ROW("\xff") },
		{ 0x1234, 1, ROW("\x34") },
		{ 0x1234, 2, ROW("\x12\x34") },
		{ 1, 4, ROW("\0\0\0\1") },
		{ UINT64_MAX, 8, ROW("\xff\xff\xff\xff\xff\xff\xff\xff") },
		{ 0x0102030405060708, 8, ROW("\1\2\3\4\5\6\7\10") },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct str out = { 0 };
		struct view rest;
		uint64_t back;

		pack_add(&out, cases[i].number, cases[i].octets);
		assert_view_equal(str_view(&out), cases[i].packed);
		str_append_byte(&out, 'x');
		rest = str_view(&out);
		assert_true(pack_take(&rest, cases[i].octets, &back));
		assert_view_equal(rest, VIEW("x"));
		if (cases[i].octets == 8 || cases[i].number >> 8 * cases[i].octets == 0)
			assert_true(back == cases[i].number);
		str_free(&out);
	}
}

static void
test_too_short(void **state)
{
	struct view rest = VIEW("abc"), part = VIEW("kept");
	uint64_t number = 7;

	(void)state;
	assert_false(pack_take(&rest, 4, &number));
	assert_false(pack_take_octets(&rest, 4, &part));
	assert_true(number == 7);
	assert_view_equal(rest, VIEW("abc"));
	assert_view_equal(part, VIEW("kept"));
	assert_true(pack_take_octets(&rest, 3, &part));
	assert_view_equal(part, VIEW("abc"));
	assert_true(pack_take_octets(&rest, 0, &part));
	assert_int_equal(rest.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_too_short),
	};

	return cmocka_run_group_tests_name("lib/pack", tests, NULL, NULL);
}
