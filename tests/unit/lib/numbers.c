/* scan, fmt: numbers in and out, at their limits. */
#include "lib/fmt.h"
#include "lib/scan.h"
#include "unit/unit.h"

enum { UNTOUCHED = 77 };

static void
scan_stops_at_the_first_other_byte_and_saturates(void **state)
{
	static const struct {
		const char *text;
		size_t digits;
		uint64_t value;
		uint32_t narrow;
		bool whole;
	} rows[] = {
		{ "", 0, UNTOUCHED, UNTOUCHED, false },
		{ "x1", 0, UNTOUCHED, UNTOUCHED, false },
		{ "-1", 0, UNTOUCHED, UNTOUCHED, false },
		{ " 1", 0, UNTOUCHED, UNTOUCHED, false },
		{ "0", 1, 0, 0, true },
		{ "007", 3, 7, 7, true },
		{ "12x", 2, 12, 12, false },
		{ "4294967295", 10, 4294967295U, 4294967295U, true },
		{ "4294967296", 10, 4294967296U, 4294967295U, true },
		{ "18446744073709551614", 20, UINT64_MAX - 1, UINT32_MAX, true },
		{ "18446744073709551615", 20, UINT64_MAX, UINT32_MAX, true },
		{ "18446744073709551616", 20, UINT64_MAX, UINT32_MAX, true },
		{ "99999999999999999999999990", 26, UINT64_MAX, UINT32_MAX, true },
		{ "184467440737095516150", 21, UINT64_MAX, UINT32_MAX, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct view text = view_of(rows[i].text);
		uint64_t value = UNTOUCHED, whole = UNTOUCHED;
		uint32_t narrow = UNTOUCHED;

		assert_int_equal(scan_u64(text, &value), rows[i].digits);
		assert_true(value == rows[i].value);
		assert_int_equal(scan_u32(text, &narrow), rows[i].digits);
		assert_true(narrow == rows[i].narrow);
		assert_int_equal(scan_whole_u64(text, &whole), rows[i].whole);
		assert_true(whole == (rows[i].whole ? rows[i].value : UNTOUCHED));
	}
}

static void
hex_digits(void **state)
{
	(void)state;
	assert_int_equal(scan_hex_digit('0'), 0);
	assert_int_equal(scan_hex_digit('9'), 9);
	assert_int_equal(scan_hex_digit('a'), 10);
	assert_int_equal(scan_hex_digit('F'), 15);
	assert_int_equal(scan_hex_digit('g'), -1);
	assert_int_equal(scan_hex_digit('@'), -1);
	assert_int_equal(scan_hex_digit('\0'), -1);
}

static void
numbers_as_text(void **state)
{
	struct str out = { 0 };
	char buffer[FMT_U64_MAX];

	(void)state;
	fmt_u64(&out, 0);
	str_append_byte(&out, ' ');
	fmt_u64(&out, UINT64_MAX);
	str_append_byte(&out, ' ');
	fmt_u64_padded(&out, 7, 3);
	fmt_u64_padded(&out, 1234, 3);
	fmt_u64_padded(&out, 0, 0);
	str_append_byte(&out, ' ');
	fmt_hex(&out, BYTES("\0\x7f\xff"));
	assert_string_equal(str_text(&out), "0 18446744073709551615 00712340 007fff");
	assert_view_equal(fmt_u64_into(buffer, UINT64_MAX), VIEW("18446744073709551615"));
	assert_view_equal(fmt_u64_into(buffer, 0), VIEW("0"));
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scan_stops_at_the_first_other_byte_and_saturates),
		cmocka_unit_test(hex_digits),
		cmocka_unit_test(numbers_as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
