/* policy/dnsbl: a line of either list; its decision is short and printable. */
#include <stdint.h>
#include <stdlib.h>

#include "policy/dnsbl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct dnsbl_zone *zone)
{
	struct dnsbl_finding finding = { DNSBL_LISTED, zone->zone };
	struct arena mem = { 0 };
	struct dnsbl_decision d;
	size_t i;

	dnsbl_decide(zone, &finding, 1, true, VIEW("2001:db8::1"), &mem, &d);
	if (zone->zone.len == 0 || d.text.len > DNSBL_TEXT)
		abort();
	for (i = 0; i < d.text.len; i++)
		if (d.text.at[i] < ' ' || d.text.at[i] > '~')
			abort();
	arena_free(&mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view line = { (const char *)data, size };
	struct dnsbl_zone zone;

	if (dnsbl_parse(line, &zone))
		check(&zone);
	if (dnsbl_parse_rhsbl(line, &zone))
		check(&zone);
	return 0;
}
