/* A QMTP server's answers, taken whole and in two parts. */
#include <stdlib.h>

#include "smtp/qmtpreply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum qmtpreply_status
parse(struct qmtpreply *r, struct view in, size_t split, size_t *used)
{
	enum qmtpreply_status status;
	size_t more = 0;

	qmtpreply_start(r);
	status = qmtpreply_add(r, view_first(in, split), used);
	if (status == QMTPREPLY_MORE)
		status = qmtpreply_add(r, view_from(in, *used), &more);
	*used += more;
	return status;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qmtpreply a = { .max = 65536 }, b = a;
	struct view in = { (const char *)data, size };
	enum qmtpreply_status status;
	size_t used_a, used_b;

	do {
		status = parse(&a, in, in.len, &used_a);
		if (parse(&b, in, in.len / 2, &used_b) != status || used_a != used_b ||
		    !view_equal(str_view(&a.text), str_view(&b.text)) ||
		    a.text.len > QMTPREPLY_TEXT)
			abort();
		in = view_from(in, used_a);
	} while (status == QMTPREPLY_DONE);
	qmtpreply_free(&a);
	qmtpreply_free(&b);
	return 0;
}
