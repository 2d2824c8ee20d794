#include "lib/date.h"

#include "lib/fmt.h"
#include "lib/scan.h"

enum { DAY = 86400 };

/* Days are counted from 1 March of year 0, so that the leap day is the last of its year; then
 * years, 4-year and 100-year groups have fixed lengths but for their last. */
static void
from_days(struct date *d, int64_t days)
{
	int64_t era, day_of_era, year_of_era, day_of_year, shifted_month;

	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	day_of_era = days - era * 146097;
	year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) /
	    365;
	day_of_year =
	    day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	shifted_month = (5 * day_of_year + 2) / 153;
	d->day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
	d->month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
	d->year = era * 400 + year_of_era + (d->month <= 2);
}

void
date_from_unix(struct date *d, int64_t seconds)
{
	int64_t days = seconds / DAY, rest = seconds % DAY;

	if (rest < 0) {
		rest += DAY;
		days--;
	}
	from_days(d, days);
	d->weekday = (int)(((days + 4) % 7 + 7) % 7);
	d->hour = (int)(rest / 3600);
	d->minute = (int)(rest / 60 % 60);
	d->second = (int)(rest % 60);
}

const char *
date_month_name(int month)
{
	static const char names[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

	return names[(month - 1) % 12];
}

const char *
date_weekday_name(int weekday)
{
	static const char names[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat" };

	return names[weekday % 7];
}

void
date_append_clock(struct str *out, const struct date *d)
{
	fmt_u64_padded(out, (uint64_t)d->hour, 2);
	str_append_byte(out, ':');
	fmt_u64_padded(out, (uint64_t)d->minute, 2);
	str_append_byte(out, ':');
	fmt_u64_padded(out, (uint64_t)d->second, 2);
}

static void
append_date_and_clock(struct str *out, int64_t seconds)
{
	struct date d;

	date_from_unix(&d, seconds);
	fmt_u64(out, (uint64_t)d.day);
	str_append_byte(out, ' ');
	str_append_text(out, date_month_name(d.month));
	str_append_byte(out, ' ');
	fmt_u64(out, (uint64_t)d.year);
	str_append_byte(out, ' ');
	date_append_clock(out, &d);
}

void
date_format(struct str *out, int64_t seconds)
{
	append_date_and_clock(out, seconds);
	str_append_text(out, " -0000");
}

void
date_format_zone(struct str *out, int64_t seconds, int minutes)
{
	unsigned distance = (unsigned)(minutes < 0 ? -minutes : minutes);

	append_date_and_clock(out, seconds + (int64_t)minutes * 60);
	str_append_text(out, minutes < 0 ? " -" : " +");
	fmt_u64_padded(out, distance / 60, 2);
	fmt_u64_padded(out, distance % 60, 2);
}

void
date_format_compact(struct str *out, int64_t seconds)
{
	struct date d;

	date_from_unix(&d, seconds);
	fmt_u64_padded(out, (uint64_t)d.year, 4);
	fmt_u64_padded(out, (uint64_t)d.month, 2);
	fmt_u64_padded(out, (uint64_t)d.day, 2);
	fmt_u64_padded(out, (uint64_t)d.hour, 2);
	fmt_u64_padded(out, (uint64_t)d.minute, 2);
	fmt_u64_padded(out, (uint64_t)d.second, 2);
}

void
date_format_rfc3339(struct str *out, int64_t seconds)
{
	struct date d;

	date_from_unix(&d, seconds);
	fmt_u64_padded(out, (uint64_t)d.year, 4);
	str_append_byte(out, '-');
	fmt_u64_padded(out, (uint64_t)d.month, 2);
	str_append_byte(out, '-');
	fmt_u64_padded(out, (uint64_t)d.day, 2);
	str_append_byte(out, 'T');
	date_append_clock(out, &d);
	str_append_byte(out, 'Z');
}

/* The days of from_days(), the other way round. */
static int64_t
to_days(int64_t year, int64_t month, int64_t day)
{
	int64_t shifted_month = month > 2 ? month - 3 : month + 9, day_of_year;

	year -= month <= 2;
	day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
	return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719468;
}

/* `len` digits at `*at`, and what stands behind them. */
static bool
take_part(struct view text, size_t *at, size_t len, char after, int64_t *out)
{
	struct view digits = view_first(view_from(text, *at), len);
	uint64_t number;

	if (!scan_whole_u64(digits, &number) || *at + len >= text.len ||
	    text.at[*at + len] != after)
		return false;
	*at += len + 1;
	*out = (int64_t)number;
	return true;
}

bool
date_parse_rfc3339(struct view text, int64_t *out)
{
	int64_t year, month, day, hour, minute, second, seconds;
	struct date same;
	size_t at = 0;

	if (!take_part(text, &at, 4, '-', &year) ||
	    !take_part(text, &at, 2, '-', &month) ||
	    !take_part(text, &at, 2, 'T', &day) || !take_part(text, &at, 2, ':', &hour) ||
	    !take_part(text, &at, 2, ':', &minute) ||
	    !take_part(text, &at, 2, 'Z', &second) || at != text.len)
		return false;
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 ||
	    minute > 59 || second > 59)
		return false;
	seconds = to_days(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
	date_from_unix(&same, seconds);
	if (same.day != day) /* which its month does not have */
		return false;
	*out = seconds;
	return true;
}
