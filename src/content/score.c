#include "content/score.h"

#include "lib/ascii.h"
#include "lib/fmt.h"
#include "lib/scan.h"

/* The digits behind the point, as thousandths. */
static int64_t
read_decimals(struct view *v)
{
	int64_t value = 0, unit = SCORE_POINT / 10;

	for (; v->len > 0 && ascii_is_digit(*v->at); *v = view_from(*v, 1)) {
		value += unit * (*v->at - '0');
		unit /= 10;
	}
	return value;
}

/* Read the number that *v starts with, such as "-0.25", and go past it; more than three decimals are
 * dropped, and what is beyond SCORE_POINTS_MAX is that.  False, with both untouched, if there is none. */
static bool
read_number(struct view *v, int64_t *out)
{
	bool is_negative = v->len > 0 && *v->at == '-';
	struct view rest = view_from(*v, is_negative);
	uint64_t points = 0;
	size_t digits = scan_u64(rest, &points);
	int64_t value;

	rest = view_from(rest, digits);
	if (points > SCORE_POINTS_MAX)
		points = SCORE_POINTS_MAX;
	value = (int64_t)points * SCORE_POINT;
	if (rest.len > 1 && *rest.at == '.' && ascii_is_digit(rest.at[1])) {
		rest = view_from(rest, 1);
		value += read_decimals(&rest);
	} else if (digits == 0) {
		return false;
	}
	*out = is_negative ? -value : value;
	*v = rest;
	return true;
}

bool
score_parse(struct view text, int64_t *out)
{
	int64_t score;

	if (!read_number(&text, &score) || text.len > 0)
		return false;
	*out = score;
	return true;
}

void
score_format(struct str *out, int64_t score)
{
	uint64_t rest = (uint64_t)(score < 0 ? -score : score);

	if (score < 0)
		str_append_byte(out, '-');
	fmt_u64(out, rest / SCORE_POINT);
	str_append_byte(out, '.');
	fmt_u64_padded(out, rest % SCORE_POINT, 3);
	while (out->at[out->len - 1] == '0' && out->at[out->len - 2] != '.')
		str_cut(out, out->len - 1);
}
