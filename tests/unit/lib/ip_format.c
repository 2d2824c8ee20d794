/* ip_format: RFC 5952's rules, and libc's opinion where it has the same ones. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/ip.h"

static const char *const texts[] = { "0.0.0.0", "255.255.255.255", "192.0.2.1",
	"::", "::1", "1::", "2001:db8::1", "2001:db8:0:1:1:1:1:1", "2001:db8:1:1:1:1:1:0",
	"2001:0:0:1::1", "1::2:0:0:3", "fe80::abcd:ef01:2345:6789", "0:1:2:3:4:5:6:7",
	"1:2:3:4:5:6:7:8", "100:20:3::" };

static void
formats_as_written(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct str out = { 0 };
		struct ip ip;

		assert_true(ip_parse(view_of(texts[i]), &ip));
		ip_format(&out, &ip);
		assert_string_equal(str_text(&out), texts[i]);
		str_free(&out);
	}
}

/* All patterns of zero and non-zero groups. */
static void
agrees_with_libc(void **state)
{
	unsigned pattern, group;

	(void)state;
	for (pattern = 4; pattern < 256;
	     pattern++) { /* below are libc's embedded IPv4 forms */
		struct ip ip = { .version = 6 };
		struct str out = { 0 };
		char want[INET6_ADDRSTRLEN];

		for (group = 0; group < 8; group++)
			ip.bytes[2 * group + 1] = pattern >> (7 - group) & 1 ? 0xa0 : 0;
		ip_format(&out, &ip);
		assert_non_null(inet_ntop(AF_INET6, ip.bytes, want, sizeof want));
		assert_string_equal(str_text(&out), want);
		str_free(&out);
	}
}

static void
none_is_nothing(void **state)
{
	struct ip none = { 0 };
	struct str out = { 0 };

	(void)state;
	ip_format(&out, &none);
	assert_int_equal(out.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_as_written),
		cmocka_unit_test(agrees_with_libc),
		cmocka_unit_test(none_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
