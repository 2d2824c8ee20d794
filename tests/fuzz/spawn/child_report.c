/* What a delivery's child printed: the report always starts with K, Z or D, and is a K only if the
 * output has one. */
#include <stdint.h>
#include <stdlib.h>

#include "spawn/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct str *report, struct view output)
{
	char letter = report->len ? report->at[0] : '\0';

	if (letter != 'K' && letter != 'Z' && letter != 'D')
		abort();
	if (letter == 'K' && view_index(output, 'K') == output.len)
		abort();
	if (view_index(str_view(report), '\0') != report->len)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view output = { (const char *)data, size };
	struct str report = { 0 };

	report_from_remote(0, output, false, &report);
	check(&report, output);
	str_clear(&report);
	report_from_remote(0, output, true, &report);
	check(&report, output);
	str_clear(&report);
	report_from_local(0, output, &report);
	if (report.len == 0 || report.len > REPORT_LOCAL_MAX + 1)
		abort();
	str_free(&report);
	return 0;
}
