/* policy/spf/macro: the first line is the sender's local part, the second the HELO name, the rest a
 * macro string.  A valid one expands, within bounds. */
#include <stdint.h>
#include <stdlib.h>

#include "policy/spf/macro.h"
#include "policy/spf/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct view
client_name(void *context, struct view domain)
{
	(void)context;
	return domain;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = { (const char *)data, size };
	struct spf_macros m = { .ip = { 6, { 0x20, 1 } },
		.origin = VIEW("example.com"),
		.domain = VIEW("example.com"),
		.client_name = client_name };
	struct str out = { 0 };
	bool good;

	view_cut(text, '\n', &m.local, &text);
	view_cut(text, '\n', &m.helo, &text);
	m.sender = m.local;
	if (spf_macro_is_valid(text, SPF_IN_RECORD) &&
	    !spf_macro_is_valid(text, SPF_IN_EXPLANATION))
		abort();
	good = spf_macro_expand(&out, text, &m);
	if (good != spf_macro_is_valid(text, SPF_IN_EXPLANATION) &&
	    out.len <= SPF_EXPANDED_MAX)
		abort();
	if (out.len > SPF_EXPANDED_MAX + 3 * (size + 100))
		abort();
	if (spf_macro_is_domain(text) && text.len == 0)
		abort();
	spf_name_is_valid(spf_name_fit(str_view(&out)));
	str_free(&out);
	return 0;
}
