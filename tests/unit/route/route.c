/* route: the twenty example lines of outbound 3.2, the rules of 2.2, and what is invalid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "route/route.h"

struct row {
	const char *line, *key, *relay;
	int port;
	const char *user, *pass;
	bool tls, clear;
	int penalty, tolerance; /* -1: not given */
};

#define PLAIN_TAIL false, false, -1, -1

static const struct row smtproutes[] = {
	/* the rows of outbound 3.2, in order */
	{ ":smtp.elasticemail.com:2525 api_username api_password", "",
	    "smtp.elasticemail.com", 2525, "api_username", "api_password", PLAIN_TAIL },
	{ ":r.net -joe s e c", "", "r.net", 25, "joe", "s e c", false, true, -1, -1 },
	{ ":r.net:587|joe|a|b c:d", "", "r.net", 587, "joe", "a|b c:d", PLAIN_TAIL },
	{ ":r.net:587 jo|e p|w", "", "r.net", 587, "jo|e", "p|w", PLAIN_TAIL },
	{ ":r.net:465|joe|pw", "", "r.net", 465, "joe", "pw", true, false, -1, -1 },
	{ ":r.net;s2465|joe|pw", "", "r.net", 2465, "joe", "pw", true, false, -1, -1 },
	{ ":[2001:db8::1]:587|joe|pw", "", "2001:db8::1", 587, "joe", "pw", PLAIN_TAIL },
	{ ":2001:db8::1;587|joe|pw", "", "2001:db8::1", 587, "joe", "pw", PLAIN_TAIL },
	{ ":r.net:587:0 joe pw", "", "r.net", 587, "joe", "pw", false, false, 0, -1 },
	{ ":r.net::3600:120 joe pw", "", "r.net", 25, "joe", "pw", false, false, 3600,
	    120 },
	{ "x.org:", "x.org", "", 25, "", "", PLAIN_TAIL },
	{ "x.org:[192.0.2.7]:26", "x.org", "192.0.2.7", 26, "", "", PLAIN_TAIL },
	{ "[192.0.2.9]:r.net", "[192.0.2.9]", "r.net", 25, "", "", PLAIN_TAIL },
	{ "!@:bounce.r.net:27", "!@", "bounce.r.net", 27, "", "", PLAIN_TAIL },
	{ "x.org: r.net", "x.org", "r.net", 25, "", "", PLAIN_TAIL },
	{ "x.org:r.net:", "x.org", "r.net", 25, "", "", PLAIN_TAIL },
	{ ":r.net|joe", "", "r.net", 25, "", "", PLAIN_TAIL },
	/* and more */
	{ ":r.net:587|joe|", "", "r.net", 587, "", "", PLAIN_TAIL },
	{ ":r.net:587||pw", "", "r.net", 587, "", "", PLAIN_TAIL },
	{ ":r.net joe", "", "r.net", 25, "", "", PLAIN_TAIL },
	{ ":r.net - pw", "", "r.net", 25, "", "", PLAIN_TAIL },
	{ ":r.net --x pw", "", "r.net", 25, "-x", "pw", false, true, -1, -1 },
	{ ":r.net|-joe|pw", "", "r.net", 25, "-joe", "pw", PLAIN_TAIL },
	{ ":r.net\tjoe \t p w", "", "r.net", 25, "joe", "p w", PLAIN_TAIL },
	{ ":r.net:587|a b|c", "", "r.net", 587, "a b", "c", PLAIN_TAIL },
	{ ":2001:db8::1", "", "2001:db8::1", 25, "", "", PLAIN_TAIL },
	{ ":[IPv6:2001:db8::1];26", "", "2001:db8::1", 26, "", "", PLAIN_TAIL },
	{ ":192.0.2.7:26", "", "192.0.2.7", 26, "", "", PLAIN_TAIL },
	{ "[IPv6:2001:db8::9]:r.net:26", "[IPv6:2001:db8::9]", "r.net", 26, "", "",
	    PLAIN_TAIL },
	{ ":r.net:s", "", "r.net", 25, "", "", true, false, -1, -1 },
	{ ":r.net:s443 u p", "", "r.net", 443, "u", "p", true, false, -1, -1 },
	{ ":|joe|pw", "", "", 25, "joe", "pw", PLAIN_TAIL },
};

static const struct row authsenders[] = {
	{ "@example.com|generic|passwd", "@example.com", "", 25, "generic", "passwd",
	    PLAIN_TAIL },
	{ "info@example.com:smtp.example.com:26|o|p", "info@example.com",
	    "smtp.example.com", 26, "o", "p", PLAIN_TAIL },
	{ ":mailrelay.example.com:587|e=mc2|tp", "", "mailrelay.example.com", 587,
	    "e=mc2", "tp", PLAIN_TAIL },
	{ "a@b.c:r.net;26|u|p", "a@b.c", "r.net", 26, "u", "p", PLAIN_TAIL },
	{ "|u|p:w", "", "", 25, "u", "p:w", PLAIN_TAIL },
};

static void
is(struct view got, const char *want, const char *line)
{
	if (!view_equal(got, view_of(want)))
		fail_msg("%s: got '%.*s', want '%s'", line, (int)got.len, got.at, want);
}

static void
check(const struct row *row, struct view key, struct view value)
{
	struct route_value r;

	is(key, row->key, row->line);
	if (!route_parse(value, ROUTE_SMTP, &r))
		fail_msg("%s: refused", row->line);
	is(r.relay, row->relay, row->line);
	is(r.user, row->user, row->line);
	is(r.pass, row->pass, row->line);
	assert_int_equal(r.port, row->port);
	assert_int_equal(r.implicit_tls, row->tls);
	assert_int_equal(r.allow_clear, row->clear);
	assert_int_equal(r.has_penalty ? (int)r.penalty : -1, row->penalty);
	assert_int_equal(r.has_tolerance ? (int)r.tolerance : -1, row->tolerance);
}

static void
lines_of_smtproutes(void **state)
{
	struct view key, value;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof smtproutes / sizeof *smtproutes; i++) {
		assert_true(route_cut(view_of(smtproutes[i].line), &key, &value));
		check(&smtproutes[i], key, value);
	}
	assert_false(route_cut(VIEW("no colon"), &key, &value));
	assert_false(route_cut(VIEW("[2001:db8::1]"), &key, &value));
	assert_true(route_cut(VIEW("[open:r.net"), &key, &value));
	is(key, "[open", "[open:r.net");
}

static void
lines_of_authsenders(void **state)
{
	struct view key, value;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof authsenders / sizeof *authsenders; i++) {
		assert_true(
		    route_cut_authsender(view_of(authsenders[i].line), &key, &value));
		check(&authsenders[i], key, value);
	}
	assert_false(route_cut_authsender(VIEW("nothing"), &key, &value));
}

static void
addresses_are_recognised(void **state)
{
	struct route_value r;

	(void)state;
	assert_true(route_parse(VIEW("[192.0.2.7]:26"), ROUTE_SMTP, &r));
	assert_true(r.is_ip && r.ip.version == 4);
	assert_true(route_parse(VIEW("192.0.2.7"), ROUTE_SMTP, &r));
	assert_true(r.is_ip && r.ip.version == 4);
	assert_true(route_parse(VIEW("2001:db8::1;s26"), ROUTE_SMTP, &r));
	assert_true(r.is_ip && r.ip.version == 6 && r.implicit_tls);
	assert_true(route_parse(VIEW("r.net"), ROUTE_SMTP, &r));
	assert_false(r.is_ip);
	assert_int_equal(r.name.len, 0);
	assert_true(route_parse(VIEW(" @office-1 "), ROUTE_SMTP, &r));
	assert_true(view_equal(r.name, VIEW("office-1")) && r.relay.len == 0);
}

static void
invalid_values(void **state)
{
	static const char *const values[] = { "r.net:65536", "r.net:0", "r.net:x",
		"r.net:26abc", "r.net:s25s", "r.net:25:a", "r.net:25:1:b",
		"r.net:25:1:2:3", "r.net:4294967296", "[r.net]:25", "[192.0.2.7",
		"[192.0.2.7]25", "[192.0.2.7]x:25", "@", "@a/b", "@name:25 u p", ":26",
		";26", "a:b:c;25", "r.net:-25" };
	struct route_value r = { .port = 7 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof values / sizeof *values; i++) {
		if (route_parse(view_of(values[i]), ROUTE_SMTP, &r))
			fail_msg("%s: accepted", values[i]);
		assert_int_equal(r.port, 7);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_smtproutes),
		cmocka_unit_test(lines_of_authsenders),
		cmocka_unit_test(addresses_are_recognised),
		cmocka_unit_test(invalid_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
