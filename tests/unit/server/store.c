/* The store's keys: which addresses are one network. */
#include "server/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct {
	const char *a, *b;
	bool same;
} pairs[] = {
	{ "192.0.2.7", "192.0.2.7", true },
	{ "192.0.2.0", "192.0.2.255", true },
	{ "192.0.2.7", "192.0.3.7", false },
	{ "192.0.2.7", "::ffff:192.0.2.200", true },
	{ "192.0.2.7", "::192.0.2.7", false },
	{ "2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", true },
	{ "2001:db8:0:1::1", "2001:db8:0:2::1", false },
	{ "127.0.0.1", "::1", false },
	{ "4.0.0.1", "400::1", false },
};

static void
key_of(struct str *key, const char *text)
{
	struct ip ip;

	assert_true(ip_parse(view_of(text), &ip));
	store_network_key(key, &ip);
}

static void
one_network(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct str a = { 0 }, b = { 0 };

		key_of(&a, pairs[i].a);
		key_of(&b, pairs[i].b);
		if (view_equal(str_view(&a), str_view(&b)) != pairs[i].same)
			fail_msg("%s and %s", pairs[i].a, pairs[i].b);
		str_free(&a);
		str_free(&b);
	}
}

static void
octets(void **state)
{
	struct str key = { 0 };

	(void)state;
	key_of(&key, "192.0.2.7");
	assert_true(view_equal(str_view(&key), VIEW("\4\xc0\0\2")));
	str_clear(&key);
	key_of(&key, "2001:db8:0:1::1");
	assert_true(view_equal(str_view(&key), VIEW("\6\x20\1\r\xb8\0\0\0\1")));
	str_free(&key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_network),
		cmocka_unit_test(octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
