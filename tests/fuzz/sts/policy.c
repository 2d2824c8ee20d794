/* A policy: what comes out of it can be kept and matched. */
#include <stdint.h>
#include <stdlib.h>

#include "sts/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy p = { 0 };
	struct sts_kept kept = { .domain = VIEW("a.example"),
		.id = VIEW("1"),
		.text = VIEW("") },
			read;
	struct str bytes = { 0 };

	if (!policy_parse((struct view) { (const char *)data, size }, &p)) {
		kept.mode = p.mode;
		kept.max_age = p.max_age;
		kept.mx = str_view(&p.mx);
		sts_kept_format(&bytes, &kept);
		if (p.max_age > STS_AGE_MAX || (p.mode != STS_NONE && p.mx.len == 0) ||
		    !sts_kept_parse(str_view(&bytes), &read) ||
		    !view_equal(read.mx, kept.mx))
			abort();
		sts_matches(read.mx, VIEW("mx.example"));
	}
	str_free(&bytes);
	policy_free(&p);
	return 0;
}
