/* The decoder of DATA and BDAT: where the input is cut makes no difference; no bare CR gets through where it
 * must not; output never outgrows its room. */
#include "smtp/dotstream.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
	char *out;
	size_t len, used;
	struct dotstream d;
};

/* Pieces of `step` octets; 0 is all at once. */
static struct result
decode(struct view in, size_t step, struct dotstream rules)
{
	struct result r = { malloc(in.len + DOTSTREAM_HELD + 1), 0, 0, rules };

	if (!r.out)
		abort();
	while (r.used < in.len && !dotstream_is_over(&r.d)) {
		struct view piece = view_from(in, r.used);
		char *room;
		size_t made;

		piece = view_first(piece, step ? step : piece.len);
		room = malloc(piece.len + DOTSTREAM_HELD);
		if (!room)
			abort();
		r.used += dotstream_push(&r.d, piece, room, &made);
		memcpy(r.out + r.len, room, made);
		r.len += made;
		free(room);
	}
	if (rules.chunked) {
		char *room = malloc(DOTSTREAM_HELD);
		size_t made;

		if (!room || (!dotstream_is_over(&r.d) && r.used != in.len))
			abort();
		made = dotstream_finish(&r.d, room);
		memcpy(r.out + r.len, room, made);
		r.len += made;
		free(room);
	}
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result whole, pieces;
	struct dotstream rules = { 0 };

	if (size < 1)
		return 0;
	rules.bare_cr = (enum bare_cr)(data[0] % 3);
	rules.bare_lf = (enum bare_lf)(data[0] / 3 % 3);
	rules.hops.rule = (enum hop_rule)(data[0] / 9 % 2);
	rules.chunked = data[0] / 18 % 2;
	whole = decode((struct view) { (const char *)data + 1, size - 1 }, 0, rules);
	pieces = decode(
	    (struct view) { (const char *)data + 1, size - 1 }, 1U + data[0] / 36, rules);
	if (whole.len != pieces.len || whole.used != pieces.used ||
	    whole.d.state != pieces.d.state ||
	    whole.d.hops.count != pieces.d.hops.count ||
	    memcmp(whole.out, pieces.out, whole.len) != 0)
		abort();
	if (rules.bare_cr == BARE_CR_SPACE && memchr(whole.out, '\r', whole.len))
		abort();
	free(whole.out);
	free(pieces.out);
	return 0;
}
