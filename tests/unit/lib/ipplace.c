/* ipplace: an address with or without a port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/ipplace.h"

static const struct {
	const char *text;
	bool good;
	const char *ip;
	uint16_t port;
} rows[] = {
	{ "192.0.2.1", true, "192.0.2.1", 628 },
	{ "192.0.2.1:6280", true, "192.0.2.1", 6280 },
	{ "[192.0.2.1]", true, "192.0.2.1", 628 },
	{ "[192.0.2.1]:1", true, "192.0.2.1", 1 },
	{ "2001:db8::1", true, "2001:db8::1", 628 },
	{ "2001:db8::1:53", true, "2001:db8::1:53", 628 },
	{ "[2001:db8::1]:65535", true, "2001:db8::1", 65535 },
	{ "192.0.2.1:0", false, "", 0 },
	{ "192.0.2.1:65536", false, "", 0 },
	{ "192.0.2.1:", false, "", 0 },
	{ "192.0.2.1:x", false, "", 0 },
	{ "[192.0.2.1", false, "", 0 },
	{ "[192.0.2.1]6", false, "", 0 },
	{ "mx.example", false, "", 0 },
	{ "mx.example:628", false, "", 0 },
	{ "", false, "", 0 },
	{ "[]", false, "", 0 },
};

static void
places(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct ip ip = { 0 };
		uint16_t port = 0;
		struct str text = { 0 };

		assert_int_equal(
		    ip_parse_place(view_of(rows[i].text), 628, &ip, &port), rows[i].good);
		assert_int_equal(port, rows[i].port);
		if (rows[i].good)
			ip_format(&text, &ip);
		assert_string_equal(str_text(&text), rows[i].ip);
		str_free(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(places) };

	return cmocka_run_group_tests_name("ipplace", tests, NULL, NULL);
}
