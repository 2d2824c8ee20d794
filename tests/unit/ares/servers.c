/* ares/servers: lines of control/resolvers and whole resolv.conf files. */
#include "unit/unit.h"

#include "ares/servers.h"
#include "lib/fmt.h"

static void
describe(const struct server *server, struct str *out)
{
	ip_format(out, &server->ip);
	str_append_byte(out, '#');
	fmt_u64(out, server->port);
	str_append_byte(out, ' ');
}

static const struct line_case {
	const char *line, *expected; /* NULL: refused */
	bool trusted;
} line_cases[] = {
	{ "192.0.2.1", "192.0.2.1#53 ", false },
	{ "192.0.2.1 trust-ad", "192.0.2.1#53 ", true },
	{ "192.0.2.1\ttrust-ad", "192.0.2.1#53 ", true },
	{ " 192.0.2.1", "192.0.2.1#53 ", false },
	{ "192.0.2.1:5353", "192.0.2.1#5353 ", false },
	{ "127.0.0.53", "127.0.0.53#53 ", true },
	{ "::1", "::1#53 ", true },
	{ "2001:db8::1", "2001:db8::1#53 ", false },
	{ "[2001:db8::1]", "2001:db8::1#53 ", false },
	{ "[2001:db8::1]:5353 trust-ad", "2001:db8::1#5353 ", true },
	{ "[192.0.2.1]:5353", "192.0.2.1#5353 ", false },
	{ "2001:db8::1:53", "2001:db8::1:53#53 ", false },
	{ "", NULL, false },
	{ "localhost", NULL, false },
	{ "192.0.2", NULL, false },
	{ "192.0.2.1:", NULL, false },
	{ "192.0.2.1:0", NULL, false },
	{ "192.0.2.1:65536", NULL, false },
	{ "192.0.2.1:53x", NULL, false },
	{ "192.0.2.1 trust", NULL, false },
	{ "192.0.2.1 trust-ad more", NULL, false },
	{ "[2001:db8::1", NULL, false },
	{ "[2001:db8::1]5353", NULL, false },
	{ "[]:53", NULL, false },
	{ ":53", NULL, false },
	{ "fe80::1%eth0", NULL, false },
};

static void
test_lines(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof line_cases / sizeof line_cases[0]; i++) {
		const struct line_case *c = &line_cases[i];
		struct server server;
		struct str got = { 0 };
		bool trusted = false;
		bool good = servers_parse_line(view_of(c->line), &server, &trusted);

		if (good)
			describe(&server, &got);
		if (good != (c->expected != NULL) || trusted != c->trusted ||
		    (good && strcmp(str_text(&got), c->expected) != 0))
			fail_msg("%s: %d %s", c->line, good, str_text(&got));
		str_free(&got);
	}
}

static const struct file_case {
	const char *name, *text, *expected;
	bool trusted;
} file_cases[] = {
	{ "empty", "", "127.0.0.1#53 ", true },
	{ "one", "nameserver 192.0.2.1\n", "192.0.2.1#53 ", false },
	{ "no line end", "nameserver 192.0.2.1", "192.0.2.1#53 ", false },
	{ "a DOS file", "nameserver 192.0.2.1\r\noptions trust-ad\r\n", "192.0.2.1#53 ",
	    true },
	{ "two, and what is not ours",
	    "search a.example\n# nameserver 192.0.2.9\n"
	    "nameserver\t192.0.2.1\nnameserver 2001:db8::1\nsortlist 1.2.3.4\n",
	    "192.0.2.1#53 2001:db8::1#53 ", false },
	{ "trust-ad among options",
	    "options edns0 trust-ad ndots:2\nnameserver 192.0.2.1\n", "192.0.2.1#53 ",
	    true },
	{ "one of two on loopback", "nameserver 127.0.0.1\nnameserver 192.0.2.1\n",
	    "127.0.0.1#53 192.0.2.1#53 ", false },
	{ "all on loopback", "nameserver 127.0.0.1\nnameserver ::1\n",
	    "127.0.0.1#53 ::1#53 ", true },
	{ "unusable ones", "nameserver\nnameserver fe80::1%eth0\nnameserver ns.example\n",
	    "127.0.0.1#53 ", true },
	{ "no more than six",
	    "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver "
	    "192.0.2.3\nnameserver 192.0.2.4\n"
	    "nameserver 192.0.2.5\nnameserver 192.0.2.6\nnameserver 192.0.2.7\n",
	    "192.0.2.1#53 192.0.2.2#53 192.0.2.3#53 192.0.2.4#53 192.0.2.5#53 "
	    "192.0.2.6#53 ",
	    false },
};

static void
test_files(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof file_cases / sizeof file_cases[0]; i++) {
		const struct file_case *c = &file_cases[i];
		struct servers servers;
		struct str got = { 0 };

		servers_parse_resolv_conf(view_of(c->text), &servers);
		for (k = 0; k < servers.count; k++)
			describe(&servers.list[k], &got);
		if (strcmp(str_text(&got), c->expected) != 0 ||
		    servers.trusted != c->trusted)
			fail_msg("%s: %s", c->name, str_text(&got));
		str_free(&got);
	}
}

/* The files themselves: control/resolvers, and without it whatever this machine's resolv.conf says. */
static void
test_now(void **state)
{
	static const struct log log = { .program = "test", .fd = -1 };
	struct servers_files files = { .known = false };
	const struct servers *now;

	(void)state;
	now = servers_now(&files, &log);
	assert_true(!now || (now->count >= 1 && now->count <= SERVERS_MAX));
	assert_ptr_equal(servers_now(&files, &log), now);
	unit_write_file("control/resolvers", VIEW("nonsense\n192.0.2.7:5353 trust-ad\n"));
	now = servers_now(&files, &log);
	assert_non_null(now);
	assert_int_equal(now->count, 1);
	assert_int_equal(now->list[0].port, 5353);
	assert_true(now->trusted);
	unit_write_file("control/resolvers", VIEW("nothing usable\n"));
	assert_null(servers_now(&files, &log));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_now),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
