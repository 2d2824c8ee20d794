/* A message on its way to the wire: split anywhere it comes out the same, and DATA cannot end
 * inside it. */
#include <stdlib.h>
#include <string.h>

#include "smtp/bodywriter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
ends_early(struct view wire)
{
	size_t i;

	if (view_starts(wire, VIEW(".\r\n")))
		return true;
	for (i = 0; i + 5 <= wire.len; i++)
		if (memcmp(wire.at + i, "\r\n.\r\n", 5) == 0)
			return true;
	return false;
}

static bool
has_bare_line_ends(struct view wire)
{
	size_t i;

	for (i = 0; i < wire.len; i++) {
		if (wire.at[i] == '\r' && (i + 1 == wire.len || wire.at[i + 1] != '\n'))
			return true;
		if (wire.at[i] == '\n' && (i == 0 || wire.at[i - 1] != '\r'))
			return true;
	}
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = { (const char *)data, size };
	struct bodywriter whole = { 0 }, parts = { 0 };
	struct bodyscan scan = { 0 };
	struct str a = { 0 }, b = { 0 };

	bodywriter_add(&whole, in, &a);
	bodywriter_add(&parts, view_first(in, size / 3), &b);
	bodywriter_add(&parts, view_from(in, size / 3), &b);
	bodyscan_add(&scan, in);
	if (!view_equal(str_view(&a), str_view(&b)) ||
	    bodywriter_is_partial(&whole) != bodywriter_is_partial(&parts) ||
	    ends_early(str_view(&a)) || has_bare_line_ends(str_view(&a)) ||
	    scan.octets > a.len)
		abort();
	str_free(&a);
	str_free(&b);
	return 0;
}
