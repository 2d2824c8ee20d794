/* The small parsers of text: addresses, networks, numbers, dates.  What parses must come back the same when it is written and
 * parsed again. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/date.h"
#include "lib/fmt.h"
#include "lib/ip.h"
#include "lib/ipnet.h"
#include "lib/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_address(struct view text)
{
	struct ip ip, again;
	struct str out = { 0 };

	if (ip_parse(text, &ip)) {
		ip_format(&out, &ip);
		if (!ip_parse(str_view(&out), &again) || !ip_equal(&ip, &again))
			abort();
	}
	if (ip_parse_literal(text, &ip) && ip.version != 4 && ip.version != 6)
		abort();
	str_free(&out);
}

static void
try_network(struct view text)
{
	struct ipnet net;

	if (ipnet_parse(text, &net) &&
	    (net.bits > ipnet_width(&net.ip) || !ipnet_has(&net, &net.ip)))
		abort();
}

static void
try_date(struct view text)
{
	struct str out = { 0 };
	int64_t seconds;

	if (date_parse_rfc3339(text, &seconds)) {
		date_format_rfc3339(&out, seconds);
		if (!view_equal_nocase(str_view(&out), text))
			abort();
	}
	str_free(&out);
}

static void
try_number(struct view text)
{
	uint64_t value = 0, again = 1;
	struct str out = { 0 };

	if (scan_u64(text, &value) > text.len)
		abort();
	if (scan_whole_u64(text, &value)) {
		fmt_u64(&out, value);
		if (!scan_whole_u64(str_view(&out), &again) || again != value)
			abort();
	}
	str_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = { (const char *)data, size };

	try_address(text);
	try_network(text);
	try_date(text);
	try_number(text);
	return 0;
}
