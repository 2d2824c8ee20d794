/* A line of state/tlsrpt: what is taken for one fits into one again. */
#include <stdint.h>
#include <stdlib.h>

#include "wire/tlsrpt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tlsrpt_session s, again;
	struct str room = { 0 }, line = { 0 }, room2 = { 0 };

	if (tlsrpt_parse((struct view) { (const char *)data, size }, &room, &s)) {
		tlsrpt_format(&line, &s);
		if (line.len > TLSRPT_LINE_MAX ||
		    !tlsrpt_parse(
			view_first(str_view(&line), line.len - 1), &room2, &again) ||
		    again.time != s.time || !view_equal(again.domain, s.domain))
			abort();
		tlsrpt_result_of(s.detail);
	}
	str_free(&room);
	str_free(&room2);
	str_free(&line);
	return 0;
}
