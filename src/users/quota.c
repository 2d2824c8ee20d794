#include "users/quota.h"

#include "lib/scan.h"

/* --- the quota ------------------------------------------------------------------------------------ */

static const struct {
	const char *text;
	bool is_count;
	unsigned shift;
} units[] = {
	{ "", false, 0 },
	{ "S", false, 0 },
	{ "C", true, 0 },
	{ "K", false, 10 },
	{ "KB", false, 10 },
	{ "M", false, 20 },
	{ "MB", false, 20 },
	{ "G", false, 30 },
	{ "GB", false, 30 },
};

static bool
parse_item(struct view item, struct quota *out)
{
	uint64_t number;
	size_t digits = scan_u64(item, &number), i;

	for (i = 0; digits > 0 && i < sizeof units / sizeof *units; i++) {
		if (!view_equal_nocase(view_from(item, digits), view_of(units[i].text)))
			continue;
		if (number > UINT64_MAX >> units[i].shift)
			number = 0; /* as good as no limit */
		if (units[i].is_count)
			out->messages = number;
		else
			out->octets = number << units[i].shift;
		return true;
	}
	return false;
}

bool
quota_parse(struct view text, struct quota *out)
{
	struct quota quota = { 0 };
	struct view item;

	if (!view_equal_nocase(text, VIEW("NOQUOTA"))) {
		while (view_cut(text, ',', &item, &text))
			if (!parse_item(item, &quota))
				return false;
		if (!parse_item(text, &quota))
			return false;
	}
	*out = quota;
	return true;
}

/* --- what is used --------------------------------------------------------------------------------- */

/* A number that may have blanks and a '-' in front of it: what was removed. */
static bool
take_number(struct view *rest, bool *is_negative, uint64_t *out)
{
	struct view text = view_trim_left(*rest);
	size_t digits;

	*is_negative = view_starts(text, VIEW("-"));
	text = view_from(text, *is_negative);
	digits = scan_u64(text, out);
	*rest = view_from(text, digits);
	return digits > 0;
}

/* Plus and minus are kept apart: the lines come in any order. */
static void
add(uint64_t *plus, uint64_t *minus, bool is_negative, uint64_t number)
{
	uint64_t *sum = is_negative ? minus : plus;

	*sum = number > UINT64_MAX - *sum ? UINT64_MAX : *sum + number;
}

bool
quota_parse_maildirsize(struct view bytes, struct quota *used)
{
	struct quota plus = { 0 }, minus = { 0 };
	bool is_negative;
	struct view line;
	uint64_t number;

	if (!view_cut(bytes, '\n', &line, &bytes))
		return false;
	while (bytes.len > 0) {
		if (!view_cut(bytes, '\n', &line, &bytes)) {
			line = bytes;
			bytes = VIEW("");
		}
		if (!take_number(&line, &is_negative, &number))
			return false;
		add(&plus.octets, &minus.octets, is_negative, number);
		if (!take_number(&line, &is_negative, &number) ||
		    view_trim_right(line).len > 0)
			return false;
		add(&plus.messages, &minus.messages, is_negative, number);
	}
	used->octets = plus.octets > minus.octets ? plus.octets - minus.octets : 0;
	used->messages =
	    plus.messages > minus.messages ? plus.messages - minus.messages : 0;
	return true;
}

static uint64_t
percent_of(uint64_t used, uint64_t limit)
{
	if (limit == 0)
		return 0;
	if (used <= UINT64_MAX / 100)
		return used * 100 / limit;
	return limit >= 100 ? used / (limit / 100) : UINT64_MAX;
}

uint64_t
quota_percent(const struct quota *quota, const struct quota *used)
{
	uint64_t octets = percent_of(used->octets, quota->octets);
	uint64_t messages = percent_of(used->messages, quota->messages);

	return octets > messages ? octets : messages;
}
