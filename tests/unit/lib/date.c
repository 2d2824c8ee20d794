/* date: days that another calendar computed, and every day of 8 000 years in its order. */
#include "lib/date.h"
#include "unit/unit.h"

static void
known_days(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text, *compact, *weekday;
	} rows[] = {
		{ 0LL, "1 Jan 1970 00:00:00 -0000", "19700101000000", "Thu" },
		{ -1LL, "31 Dec 1969 23:59:59 -0000", "19691231235959", "Wed" },
		{ 951825600LL, "29 Feb 2000 12:00:00 -0000", "20000229120000", "Tue" },
		{ 951868800LL, "1 Mar 2000 00:00:00 -0000", "20000301000000", "Wed" },
		{ -2203891201LL, "28 Feb 1900 23:59:59 -0000", "19000228235959", "Wed" },
		{ -2203891200LL, "1 Mar 1900 00:00:00 -0000", "19000301000000", "Thu" },
		{ 4107542399LL, "28 Feb 2100 23:59:59 -0000", "21000228235959", "Sun" },
		{ 4107542400LL, "1 Mar 2100 00:00:00 -0000", "21000301000000", "Mon" },
		{ 2147483647LL, "19 Jan 2038 03:14:07 -0000", "20380119031407", "Tue" },
		{ 2147483648LL, "19 Jan 2038 03:14:08 -0000", "20380119031408", "Tue" },
		{ 946684799LL, "31 Dec 1999 23:59:59 -0000", "19991231235959", "Fri" },
		{ 1709168523LL, "29 Feb 2024 01:02:03 -0000", "20240229010203", "Thu" },
		{ 4294967296LL, "7 Feb 2106 06:28:16 -0000", "21060207062816", "Sun" },
		{ 253402300799LL, "31 Dec 9999 23:59:59 -0000", "99991231235959", "Fri" },
		{ -11644473600LL, "1 Jan 1601 00:00:00 -0000", "16010101000000", "Mon" },
		{ -49539340800LL, "29 Feb 400 00:00:00 -0000", "04000229000000", "Tue" },
		{ 64065704767LL, "29 Feb 4000 05:06:07 -0000", "40000229050607", "Tue" },
		{ 185396257079LL, "22 Dec 7844 00:17:59 -0000", "78441222001759", "Sun" },
		{ -1434453936LL, "18 Jul 1924 12:34:24 -0000", "19240718123424", "Fri" },
		{ 23841203243LL, "1 Jul 2725 20:27:23 -0000", "27250701202723", "Wed" },
		{ 88143536885LL, "27 Feb 4763 19:48:05 -0000", "47630227194805", "Wed" },
		{ 17405682904LL, "25 Jul 2521 15:55:04 -0000", "25210725155504", "Fri" },
		{ 199495760730LL, "8 Oct 8291 17:05:30 -0000", "82911008170530", "Thu" },
		{ 99149045647LL, "29 Nov 5111 09:34:07 -0000", "51111129093407", "Wed" },
		{ 1888067110LL, "30 Oct 2029 15:05:10 -0000", "20291030150510", "Tue" },
		{ 4135149993LL, "14 Jan 2101 12:46:33 -0000", "21010114124633", "Fri" },
		{ -2526466540LL, "9 Dec 1889 11:44:20 -0000", "18891209114420", "Mon" },
		{ 94452068044LL, "25 Jan 4963 05:34:04 -0000", "49630125053404", "Tue" },
		{ 46701537995LL, "30 Nov 3449 01:26:35 -0000", "34491130012635", "Fri" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct str text = { 0 }, compact = { 0 };
		struct date d;

		date_format(&text, rows[i].seconds);
		assert_string_equal(str_text(&text), rows[i].text);
		date_format_compact(&compact, rows[i].seconds);
		assert_string_equal(str_text(&compact), rows[i].compact);
		date_from_unix(&d, rows[i].seconds);
		assert_string_equal(date_weekday_name(d.weekday), rows[i].weekday);
		str_free(&text);
		str_free(&compact);
	}
}

static void
zones(void **state)
{
	static const struct {
		int minutes;
		const char *text;
	} rows[] = {
		{ 0, "29 Feb 2000 12:00:00 +0000" },
		{ 345, "29 Feb 2000 17:45:00 +0545" },
		{ -210, "29 Feb 2000 08:30:00 -0330" },
		{ 14 * 60, "1 Mar 2000 02:00:00 +1400" },
		{ -13 * 60, "28 Feb 2000 23:00:00 -1300" },
		{ -1, "29 Feb 2000 11:59:00 -0001" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct str text = { 0 };

		date_format_zone(&text, 951825600LL, rows[i].minutes);
		assert_string_equal(str_text(&text), rows[i].text);
		str_free(&text);
	}
}

static int
days_in(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* From 1 January 1970, a Thursday, to the end of 9999: each day follows the one before. */
static void
every_day(void **state)
{
	int64_t seconds = 0, year = 1970;
	int month = 1, day = 1, weekday = 4;
	struct date d;

	(void)state;
	for (; year <= 9999; seconds += 86400) {
		date_from_unix(&d, seconds + 86399);
		assert_true(d.year == year && d.month == month && d.day == day &&
		    d.weekday == weekday && d.hour == 23 && d.minute == 59 &&
		    d.second == 59);
		weekday = (weekday + 1) % 7;
		if (++day <= days_in(year, month))
			continue;
		day = 1;
		if (++month <= 12)
			continue;
		month = 1;
		year++;
	}
}

static void
there_and_back(void **state)
{
	static const int64_t times[] = { 0, 951782399, 951868800, 1795880400, 4102444799,
		253402300799 };
	struct str text = { 0 };
	int64_t got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof times / sizeof *times; i++) {
		str_clear(&text);
		date_format_rfc3339(&text, times[i]);
		assert_true(date_parse_rfc3339(str_view(&text), &got));
		assert_int_equal(got, times[i]);
	}
	assert_string_equal(str_text(&text), "9999-12-31T23:59:59Z");
	str_free(&text);
}

static void
no_dates(void **state)
{
	static const char *const rows[] = { "", "2026-11-28T15:40:00",
		"2026-11-28 15:40:00Z", "2026-11-28T15:40:00Zx", "2026-13-28T15:40:00Z",
		"2026-00-28T15:40:00Z", "2026-11-32T15:40:00Z", "2026-11-28T24:40:00Z",
		"2026-11-28T15:60:00Z", "2026-11-28T15:40:61Z", "+026-11-28T15:40:00Z",
		"2026-1-28T15:40:00Z", "2026-02-29T15:40:00Z", "2026-04-31T15:40:00Z" };
	int64_t got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_false(date_parse_rfc3339(view_of(rows[i]), &got));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_days),
		cmocka_unit_test(zones),
		cmocka_unit_test(every_day),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(no_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
