#include "sts/policy.h"

#include "lib/ascii.h"
#include "lib/scan.h"

enum { AGE_DIGITS = 10 };

/* What the lines said so far: empty views for what did not come yet. */
struct lines {
	struct view version, mode, max_age;
	struct str mx;
};

static struct view
trim_end(struct view v)
{
	while (v.len > 0 && ascii_is_blank(v.at[v.len - 1]))
		v.len--;
	return v;
}

/* Without its LF or CRLF; false at the end. */
static bool
next_line(struct view *rest, struct view *line)
{
	if (rest->len == 0)
		return false;
	if (!view_cut(*rest, '\n', line, rest)) {
		*line = *rest;
		*rest = view_from(*rest, rest->len);
	}
	if (line->len > 0 && line->at[line->len - 1] == '\r')
		line->len--;
	*line = trim_end(*line);
	return true;
}

static void
take_first(struct view *field, struct view value)
{
	if (field->len == 0)
		*field = value;
}

static bool
add_pattern(struct str *mx, struct view pattern)
{
	if (!sts_is_pattern(pattern))
		return false;
	if (mx->len > 0)
		str_append_byte(mx, ' ');
	str_append_lower(mx, pattern);
	return true;
}

static const char *
take_line(struct view line, struct lines *l)
{
	struct view key, value;

	if (line.len == 0)
		return NULL;
	if (!view_cut(line, ':', &key, &value))
		return "a line is not \"key: value\"";
	key = trim_end(key);
	value = view_trim_left(value);
	if (view_equal(key, VIEW("version")))
		take_first(&l->version, value);
	else if (view_equal(key, VIEW("mode")))
		take_first(&l->mode, value);
	else if (view_equal(key, VIEW("max_age")))
		take_first(&l->max_age, value);
	else if (view_equal(key, VIEW("mx")) && !add_pattern(&l->mx, value))
		return "an mx is no host name";
	return NULL;
}

/* Do the lines make a policy? */
static const char *
judge(const struct lines *l, enum sts_mode *mode, uint64_t *max_age)
{
	if (!view_equal(l->version, VIEW("STSv1")))
		return "the version is not STSv1";
	if (!sts_mode_by_name(l->mode, mode))
		return "the mode is not enforce, testing or none";
	if (l->max_age.len > AGE_DIGITS || !scan_whole_u64(l->max_age, max_age))
		return "max_age is no number of seconds";
	if (*mode != STS_NONE && l->mx.len == 0)
		return "there is no mx";
	return NULL;
}

const char *
policy_parse(struct view text, struct policy *out)
{
	struct lines l = { VIEW(""), VIEW(""), VIEW(""), { 0 } };
	enum sts_mode mode = STS_NONE;
	uint64_t max_age = 0;
	struct view line;
	const char *wrong = NULL;

	while (!wrong && next_line(&text, &line))
		wrong = take_line(line, &l);
	if (!wrong)
		wrong = judge(&l, &mode, &max_age);
	if (wrong) {
		str_free(&l.mx);
		return wrong;
	}
	policy_free(out);
	*out =
	    (struct policy) { mode, max_age < STS_AGE_MAX ? max_age : STS_AGE_MAX, l.mx };
	return NULL;
}

void
policy_free(struct policy *policy)
{
	str_free(&policy->mx);
	*policy = (struct policy) { 0 };
}
