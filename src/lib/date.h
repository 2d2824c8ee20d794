/* date - UTC without libc's time zones: a set-id program must not read $TZ or zone files. */
#ifndef LIB_DATE_H
#define LIB_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

struct date {
	int64_t year;
	int month, day, weekday; /* 1 to 12, 1 to 31, 0 (Sunday) to 6 */
	int hour, minute, second;
};

void date_from_unix(struct date *d, int64_t seconds);

/* Append "D Mon YYYY HH:MM:SS -0000": the day without a leading zero, as qmail writes it. */
void date_format(struct str *out, int64_t seconds);

/* The same on the clock of a zone `minutes` east of Greenwich: with "+HHMM" or "-HHMM" at its end. */
void date_format_zone(struct str *out, int64_t seconds, int minutes);

/* Append "HH:MM:SS". */
void date_append_clock(struct str *out, const struct date *d);

/* Append YYYYMMDDHHMMSS. */
void date_format_compact(struct str *out, int64_t seconds);

/* Append "YYYY-MM-DDTHH:MM:SSZ" (RFC 3339), a year of four digits. */
void date_format_rfc3339(struct str *out, int64_t seconds);

/* Read all of `text`, which is written so.  False, *out untouched, for anything else. */
bool date_parse_rfc3339(struct view text, int64_t *out);

/* "Jan" to "Dec", "Sun" to "Sat". */
const char *date_month_name(int month);
const char *date_weekday_name(int weekday);

#endif
