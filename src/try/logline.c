#include "try/logline.h"

#include "lib/scan.h"

struct view
logline_event(struct view line, struct view *pairs)
{
	struct view event;

	view_next_word(&line); /* the program */
	event = view_next_word(&line);
	*pairs = line;
	return event;
}

void
logline_append_unescaped(struct str *out, struct view value)
{
	while (value.len > 0) {
		size_t used = 1;
		char c = value.at[0];

		if (value.len >= 4 && view_starts(value, VIEW("\\x"))) {
			int high = scan_hex_digit(value.at[2]),
			    low = scan_hex_digit(value.at[3]);

			if (high >= 0 && low >= 0) {
				c = (char)(high * 16 + low);
				used = 4;
			}
		}
		str_append_byte(out, c);
		value = view_from(value, used);
	}
}

bool
logline_next(struct view *rest, struct view *key, struct view *value)
{
	struct view word = view_next_word(rest);

	while (word.len > 0 && !view_cut(word, '=', key, value))
		word = view_next_word(rest);
	return word.len > 0;
}

void
logline_value(struct view pairs, const char *wanted, struct str *out)
{
	struct view key, value;

	str_clear(out);
	while (logline_next(&pairs, &key, &value))
		if (view_equal(key, view_of(wanted)))
			logline_append_unescaped(out, value);
}
