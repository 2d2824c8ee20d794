/* A server's reply, taken whole and in two parts, and what it offers if it answers EHLO.  Whether it is one, where it
 * ends and its code are what a look at whole lines says. */
#include <stdlib.h>

#include "smtp/capability.h"
#include "smtp/crowding.h"
#include "smtp/remotereply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum remotereply_status
parse(struct remotereply *r, struct view in, size_t split, size_t *used)
{
	enum remotereply_status status;
	size_t more = 0;

	remotereply_start(r);
	status = remotereply_add(r, view_first(in, split), used);
	if (status == REMOTEREPLY_MORE)
		status = remotereply_add(r, view_from(in, *used), &more);
	*used += more;
	return status;
}

/* "250" and what may follow it; false for anything else.  A line that is cut may become one. */
static bool
is_reply_line(struct view line, bool is_cut)
{
	size_t i;

	for (i = 0; i < 3; i++)
		if (i < line.len ? line.at[i] < '0' + (i == 0) || line.at[i] > '9'
				 : !is_cut)
			return false;
	return line.len <= 3 || view_index(VIEW("- \r"), line.at[3]) < 3;
}

static enum remotereply_status
judge(struct view in, const struct remotereply *bounds, size_t *used, unsigned *code)
{
	struct view rest = in, line;
	size_t lines = 0;

	while (view_cut(rest, '\n', &line, &rest)) {
		if (!is_reply_line(line, false))
			return REMOTEREPLY_MALFORMED;
		*used = in.len - rest.len;
		*code = (unsigned)(line.at[0] - '0') * 100 +
		    (unsigned)(line.at[1] - '0') * 10 + (unsigned)(line.at[2] - '0');
		if (*used > bounds->max_octets)
			return REMOTEREPLY_MALFORMED;
		if (line.len == 3 || line.at[3] != '-')
			return REMOTEREPLY_DONE;
		if (++lines == bounds->max_lines)
			return REMOTEREPLY_MALFORMED;
	}
	return is_reply_line(rest, true) && in.len <= bounds->max_octets
	    ? REMOTEREPLY_MORE
	    : REMOTEREPLY_MALFORMED;
}

static void
compare(const struct remotereply *r, enum remotereply_status status, struct view in,
    size_t used)
{
	size_t right_used = in.len;
	unsigned right_code = 0;

	if (judge(in, r, &right_used, &right_code) != status)
		abort();
	if (status == REMOTEREPLY_DONE && (used != right_used || r->code != right_code))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct remotereply a = { .max_lines = 100, .max_octets = 65536 }, b = a;
	struct view in = { (const char *)data, size };
	struct capabilities offers = { 0 };
	enum remotereply_status status;
	size_t used_a, used_b;

	status = parse(&a, in, size, &used_a);
	compare(&a, status, in, used_a);
	if (status != parse(&b, in, size / 2, &used_b) || used_a != used_b ||
	    !view_equal(str_view(&a.text), str_view(&b.text)))
		abort();
	crowding_is_meant(&a);
	capabilities_parse(&offers, str_view(&a.text));
	capabilities_have_auth(&offers, VIEW("PLAIN"));
	capabilities_clear(&offers);
	remotereply_free(&a);
	remotereply_free(&b);
	return 0;
}
