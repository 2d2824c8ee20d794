/* server/addfields: the same comes out wherever the message is cut; without what was added in one place
 * it is what went in; and a message that has its fields gets no others. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/addfields.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
filter(struct view in, size_t step, struct str *out)
{
	const struct view fields[] = { VIEW("Date: today\n"),
		VIEW("Message-ID: <1@x>\n") };
	struct addfields a = { 0 };

	addfields_start(&a, fields, 2);
	for (; in.len > 0; in = view_from(in, step))
		str_append(out, addfields_push(&a, view_first(in, step)));
	str_append(out, addfields_end(&a));
	addfields_free(&a);
}

/* Take out what is more in `out`, where the two first differ. */
static void
compare(struct view in, struct view out)
{
	size_t same = 0, added;

	while (same < in.len && same < out.len && in.at[same] == out.at[same])
		same++;
	if (out.len < in.len)
		abort();
	added = out.len - in.len;
	if (in.len > same &&
	    memcmp(in.at + same, out.at + same + added, in.len - same) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = { (const char *)data, size };
	struct str whole = { 0 }, cut = { 0 }, again = { 0 };

	filter(in, size + 1, &whole);
	filter(in, 1, &cut);
	if (!view_equal(str_view(&whole), str_view(&cut)))
		abort();
	compare(in, str_view(&whole));
	filter(str_view(&whole), whole.len + 1, &again);
	if (!view_equal(str_view(&whole), str_view(&again)))
		abort();
	str_free(&whole);
	str_free(&cut);
	str_free(&again);
	return 0;
}
