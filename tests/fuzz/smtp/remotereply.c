/* A server's reply, taken whole and in two parts, and what it offers if it answers EHLO. */
#include <stdlib.h>

#include "smtp/capability.h"
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct remotereply a = { .max_lines = 100, .max_octets = 65536 }, b = a;
	struct view in = { (const char *)data, size };
	struct capabilities offers = { 0 };
	size_t used_a, used_b;

	if (parse(&a, in, size, &used_a) != parse(&b, in, size / 2, &used_b) ||
	    used_a != used_b || !view_equal(str_view(&a.text), str_view(&b.text)))
		abort();
	capabilities_parse(&offers, str_view(&a.text));
	capabilities_have_auth(&offers, VIEW("PLAIN"));
	capabilities_clear(&offers);
	remotereply_free(&a);
	remotereply_free(&b);
	return 0;
}
