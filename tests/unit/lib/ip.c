/* ip: text in both families, literals, socket addresses. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "lib/ip.h"
#include "unit/unit.h"

static void
check_text(const struct ip *ip, const char *expected)
{
	struct str out = { 0 };

	ip_format(&out, ip);
	assert_string_equal(str_text(&out), expected);
	str_free(&out);
}

static void
what_parses_and_how_it_is_written(void **state)
{
	static const struct {
		const char *text, *written; /* NULL: refused */
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "2001:db8::1", "2001:db8::1" },
		{ "2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "::FFFF:c000:0201", "192.0.2.1" },
		{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "1:0:0:2:0:0:0:3", "1:0:0:2::3" },
		{ "0:0:1::", "0:0:1::" },
		{ "1::", "1::" },
		{ "::1.2.3.4", "::102:304" },
		{ "0abc:00de:f:0:1:0:1:0", "abc:de:f:0:1:0:1:0" },
		{ "", NULL },
		{ "1", NULL },
		{ "1.2.3", NULL },
		{ "1.2.3.4.5", NULL },
		{ "1.2.3.256", NULL },
		{ "1.2.3.04", NULL },
		{ "1.2.3.4 ", NULL },
		{ " 1.2.3.4", NULL },
		{ "1.2.3.-4", NULL },
		{ "0x7f.0.0.1", NULL },
		{ "fe80::1%lo", NULL },
		{ ":::", NULL },
		{ "1::2::3", NULL },
		{ "1:2:3:4:5:6:7:8:9", NULL },
		{ "12345::", NULL },
		{ "[::1]", NULL },
		{ "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct ip ip = { .version = 9 };

		assert_int_equal(
		    ip_parse(view_of(rows[i].text), &ip), rows[i].written != NULL);
		if (rows[i].written)
			check_text(&ip, rows[i].written);
		else
			assert_int_equal(ip.version, 9);
	}
	assert_false(ip_parse(BYTES("1.2.3.4\0"), &(struct ip) { 0 }));
}

/* Zeros everywhere, against the C library; what it writes with an IPv4 part is left out. */
static void
the_library_agrees(void **state)
{
	struct ip ip = { .version = 6 };
	char expected[INET6_ADDRSTRLEN];
	unsigned mask, i;

	(void)state;
	for (mask = 0; mask < 256; mask++) {
		for (i = 0; i < 16; i++)
			ip.bytes[i] = mask >> i / 2 & 1 ? (uint8_t)(i * 17 % 40) : 0;
		assert_non_null(inet_ntop(AF_INET6, ip.bytes, expected, sizeof expected));
		if (!strchr(expected, '.'))
			check_text(&ip, expected);
	}
}

static void
literals(void **state)
{
	static const struct {
		const char *text, *written;
	} rows[] = {
		{ "[192.0.2.1]", "192.0.2.1" },
		{ "[IPv6:2001:db8::1]", "2001:db8::1" },
		{ "[ipv6:::1]", "::1" },
		{ "[2001:db8::1]", "2001:db8::1" },
		{ "[IPv6:192.0.2.1]", NULL },
		{ "192.0.2.1", NULL },
		{ "[192.0.2.1", NULL },
		{ "[]", NULL },
		{ "[", NULL },
		{ "", NULL },
		{ "[[192.0.2.1]]", NULL },
		{ "[example.org]", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct ip ip = { 0 };

		assert_int_equal(ip_parse_literal(view_of(rows[i].text), &ip),
		    rows[i].written != NULL);
		check_text(&ip, rows[i].written ? rows[i].written : "");
	}
}

static void
loopback_and_equality(void **state)
{
	static const struct {
		const char *text;
		bool loopback;
	} rows[] = {
		{ "127.0.0.1", true },
		{ "127.255.0.9", true },
		{ "128.0.0.1", false },
		{ "::1", true },
		{ "::2", false },
		{ "::ffff:127.0.0.1", true },
	};
	struct ip a, b;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_true(ip_parse(view_of(rows[i].text), &a));
		assert_int_equal(ip_is_loopback(&a), rows[i].loopback);
	}
	assert_false(ip_is_loopback(&(struct ip) { 0 }));
	assert_true(ip_parse(VIEW("::1"), &a) && ip_parse(VIEW("0:0::1"), &b));
	assert_true(ip_equal(&a, &b));
	assert_true(ip_parse(VIEW("0.0.0.1"), &b));
	assert_false(ip_equal(&a, &b));
}

static void
socket_addresses_and_back(void **state)
{
	static const char *const rows[] = { "192.0.2.1", "2001:db8::7" };
	struct sockaddr_storage address;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct ip ip, back;
		uint16_t port = 0;

		assert_true(ip_parse(view_of(rows[i]), &ip));
		assert_int_equal(ip_to_sockaddr(&ip, 2525, &address),
		    i ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
		assert_true(ip_from_sockaddr(&address, &back, &port));
		assert_true(ip_equal(&ip, &back));
		assert_int_equal(port, 2525);
		assert_true(ip_from_sockaddr(&address, &back, NULL));
	}
	address.ss_family = AF_UNIX;
	assert_false(ip_from_sockaddr(&address, &(struct ip) { 0 }, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_parses_and_how_it_is_written),
		cmocka_unit_test(the_library_agrees),
		cmocka_unit_test(literals),
		cmocka_unit_test(loopback_and_equality),
		cmocka_unit_test(socket_addresses_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
