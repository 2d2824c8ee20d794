/* Networks: how they are written, and who is in them. */
#include "lib/ipnet.h"

#include "unit/unit.h"

static void
who_is_in(void **state)
{
	static const struct {
		const char *net, *ip;
		bool is_in;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "192.0.2.1", "::ffff:192.0.2.1", true },
		{ "192.0.2.77/24", "192.0.2.1", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.0/255.255.255.0", "192.0.2.255", true },
		{ "192.0.2.0/23", "192.0.3.255", true },
		{ "192.0.2.0/31", "192.0.2.1", true },
		{ "192.0.2.0/31", "192.0.2.2", false },
		{ "192.0.2.0/0", "203.0.113.9", true },
		{ "192.0.2.0/0.0.0.0", "203.0.113.9", true },
		{ "192.0.2.0/0", "2001:db8::1", false },
		{ "2001:db8::/32", "2001:db8:ffff::1", true },
		{ "2001:db8::/32", "2001:db9::1", false },
		{ "2001:db8::/32", "32.1.13.184", false },
		{ "2001:db8::1", "2001:db8::1", true },
		{ "2001:db8::1/127", "2001:db8::", true },
		{ "2001:db8::1/128", "2001:db8::", false },
		{ "::/0", "2001:db8::1", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct ipnet net;
		struct ip ip;

		assert_true(ipnet_parse(view_of(rows[i].net), &net));
		assert_true(ip_parse(view_of(rows[i].ip), &ip));
		if (ipnet_has(&net, &ip) != rows[i].is_in)
			fail_msg("%s in %s", rows[i].ip, rows[i].net);
	}
}

static void
what_is_no_network(void **state)
{
	static const char *const rows[] = { "", "/", "/24", "192.0.2", "192.0.2.",
		"192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/24x",
		"192.0.2.0/24/24", "192.0.2.0/255.0.255.0", "192.0.2.0/::1",
		"192.0.2.0/4294967304", "2001:db8::/129", "2001:db8::/255.255.0.0",
		"host.example/8", " 192.0.2.1" };
	struct ipnet net = { .bits = 7 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		if (ipnet_parse(view_of(rows[i]), &net))
			fail_msg("%s", rows[i]);
	assert_int_equal(net.bits, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_in),
		cmocka_unit_test(what_is_no_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
