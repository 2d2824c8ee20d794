/* server/authresults: the same comes out wherever the message is cut, and without the marks it is what
 * went in. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/authresults.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
filter(struct view in, size_t step, struct str *out)
{
	struct authresults a = { 0 };

	authresults_start(&a, VIEW("mx.example"));
	for (; in.len > 0; in = view_from(in, step))
		str_append(out, authresults_push(&a, view_first(in, step)));
	str_append(out, authresults_end(&a));
	authresults_free(&a);
}

/* Take the marks out again: what is left must be the input. */
static void
compare(struct view in, struct view out)
{
	const struct view mark = VIEW(AUTHRESULTS_RENAMED);

	while (out.len > 0) {
		size_t end = view_index(out, '\n');
		size_t len = end < out.len ? end + 1 : end;

		if (view_starts(out, mark) && !view_starts(in, view_first(out, len))) {
			out = view_from(out, mark.len);
			len -= mark.len;
		}
		if (in.len < len || memcmp(in.at, out.at, len) != 0)
			abort();
		in = view_from(in, len);
		out = view_from(out, len);
	}
	if (in.len > 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = { (const char *)data, size };
	struct str whole = { 0 }, cut = { 0 };

	filter(in, size + 1, &whole);
	filter(in, 1, &cut);
	if (!view_equal(str_view(&whole), str_view(&cut)))
		abort();
	compare(in, str_view(&whole));
	str_free(&whole);
	str_free(&cut);
	return 0;
}
