/* Address literals: which are addresses, and of which is this host; masks and their order. */
#include "server/ownip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char home[] = "/tmp/qferry-ownip.XXXXXX";

static const struct {
	const char *text;
	bool strict, stock; /* is it one */
} literals[] = {
	{ "[192.0.2.1]", true, true },
	{ "[IPv6:2001:db8::1]", true, false },
	{ "[127.0.0.257]", false, true },
	{ "[99999999999999999999.0.0.1]", false, true },
	{ "[1.2.3]", false, false },
	{ "[1.2.3.4", false, false },
	{ "[1.2.3.4]x", false, false },
	{ "[1.2.3.4.5]", false, false },
	{ "[]", false, false },
	{ "", false, false },
	{ "example.net", false, false },
};

static void
literal_forms(void **state)
{
	struct ip ip;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof literals / sizeof *literals; i++) {
		struct view text = view_of(literals[i].text);

		if (ownip_parse_literal(text, false, &ip) != literals[i].strict ||
		    ownip_parse_literal(text, true, &ip) != literals[i].stock)
			fail_msg("%s", literals[i].text);
	}
	assert_true(ownip_parse_literal(VIEW("[256.1.258.3]"), true, &ip));
	assert_memory_equal(ip.bytes, "\0\1\2\3", 4);
}

static const struct {
	const char *ip;
	enum answer ours;
} addresses[] = {
	{ "0.0.0.0", ANSWER_YES },
	{ "127.5.5.5", ANSWER_YES },
	{ "127.9.0.1", ANSWER_NO },
	{ "198.51.100.1", ANSWER_YES },
	{ "198.51.100.130", ANSWER_NO },
	{ "198.51.100.131", ANSWER_YES },
	{ "203.0.113.1", ANSWER_NO },
	{ "203.0.113.2", ANSWER_NO },
	{ "2001:db8::5", ANSWER_YES },
	{ "2001:db8:1::5", ANSWER_NO },
	{ "192.0.2.77", ANSWER_NO },
};

static void
write_control(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void
masks(void **state)
{
	struct ownip own = { 0 };
	struct problem problem;
	struct ip ip;
	size_t i;

	(void)state;
	write_control("control/moreipme",
	    "198.51.100.0/24\n198.51.100.131\n203.0.113.1\n2001:db8::/32\n");
	write_control("control/notipme",
	    "198.51.100.128/255.255.255.128\n203.0.113.1\n2001:db8:1::/48\n127.9.0.0/"
	    "16\n");
	for (i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		assert_true(ip_parse(view_of(addresses[i].ip), &ip));
		if (ownip_has(&own, &ip, false, &problem) != addresses[i].ours)
			fail_msg("%s", addresses[i].ip);
	}
	assert_true(ip_parse(VIEW("198.51.100.1"), &ip));
	assert_int_equal(ownip_has(&own, &ip, true, &problem), ANSWER_NO);
	ownip_free(&own);
}

static void
bad_lines(void **state)
{
	static const char *const lines[] = { "example.net\n", "192.0.2.1/33\n",
		"192.0.2.1/255.0.255.0\n", "2001:db8::/255.0.0.0\n", "192.0.2.1/\n" };
	struct problem problem;
	struct ip ip;
	size_t i;

	(void)state;
	assert_true(ip_parse(VIEW("192.0.2.1"), &ip));
	for (i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct ownip own = { 0 };

		write_control("control/moreipme", lines[i]);
		assert_int_equal(ownip_has(&own, &ip, false, &problem), ANSWER_ERROR);
		assert_string_equal(problem.where, "control/moreipme:1");
		ownip_free(&own);
	}
}

static int
make_home(void **state)
{
	(void)state;
	return mkdtemp(home) && chdir(home) == 0 ? mkdir("control", 0700) : -1;
}

static int
remove_home(void **state)
{
	(void)state;
	unlink("control/moreipme");
	unlink("control/notipme");
	rmdir("control");
	return chdir("/") == 0 ? rmdir(home) : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literal_forms),
		cmocka_unit_test(masks),
		cmocka_unit_test(bad_lines),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
