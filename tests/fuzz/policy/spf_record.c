/* policy/spf/record: any text; what is taken for good keeps its promises. */
#include <stdint.h>
#include <stdlib.h>

#include "policy/spf/macro.h"
#include "policy/spf/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool condition)
{
	if (!condition)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = { (const char *)data, size }, wrong = VIEW("");
	struct arena mem = { 0 };
	struct spf_record record;
	size_t i;

	if (spf_record_is_one(text))
		text = spf_record_terms(text);
	if (spf_record_parse(text, &mem, &record, &wrong)) {
		for (i = 0; i < record.count; i++) {
			const struct spf_term *t = &record.terms[i];

			require(t->bits4 <= 32 && t->bits6 <= 128);
			require(t->domain.len == 0 || spf_macro_is_domain(t->domain));
			require(t->text.len > 0);
		}
		require(record.has_redirect == (record.redirect.len > 0));
		require(record.has_exp == (record.exp.len > 0));
	} else {
		require(wrong.len > 0);
	}
	arena_free(&mem);
	return 0;
}
