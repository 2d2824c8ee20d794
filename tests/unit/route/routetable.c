/* routetable: which line is selected (outbound 2.2, 3.3), and what comes of both files together. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/fd.h"
#include "route/routetable.h"

static const struct {
	const char *name, *file, *host, *sender, *recipient, *value; /* NULL: none */
} rows[] = {
	{ "no file content", "", "x.y", "s@t", "u@x.y", NULL },
	{ "whole host", "x.y:r1\n:r2\n", "x.y", "s@t", "u@x.y", "r1" },
	{ "case", "X.y:r1\n:r2\n", "x.Y", "s@t", "u@x.y", "r1" },
	{ "suffix", ".x.y:r1\n", "a.x.y", "s@t", "u@a.x.y", "r1" },
	{ "suffix is not the domain", ".x.y:r1\n", "x.y", "s@t", "u@x.y", NULL },
	{ "domain is not a suffix", "x.y:r1\n", "a.x.y", "s@t", "u@a.x.y", NULL },
	{ "longest suffix", ".y:r1\n.x.y:r2\n:r3\n", "a.x.y", "s@t", "u@a.x.y", "r2" },
	{ "part of a label", "x.y:r1\n", "ax.y", "s@t", "u@ax.y", NULL },
	{ "last of equal keys", "x.y:r1\nX.Y:r2\n", "x.y", "s@t", "u@x.y", "r2" },
	{ "empty value ends the search", "x.y:\n:r2\n", "x.y", "s@t", "u@x.y", "" },
	{ "line without colon", "x.y\n:r2\n", "x.y", "s@t", "u@x.y", "r2" },
	{ "comment", "#x.y:r1\n", "#x.y", "s@t", "u@x.y", NULL },
	{ "host ends in a dot", "x.y:r1\n", "x.y.", "s@t", "u@x.y.", "r1" },
	{ "key ends in a dot", "x.y.:r1\n", "x.y", "s@t", "u@x.y", "r1" },
	{ "literal", "[10.0.0.1]:r1\n", "[10.0.0.1]", "s@t", "u@[10.0.0.1]", "r1" },
	{ "IPv6 literal", "[IPv6:::1]:r1\n", "[ipv6:::1]", "s@t", "u@[ipv6:::1]", "r1" },
	{ "bounce", "x.y:r1\n!@:r2\n", "x.y", "", "u@x.y", "r2" },
	{ "bounce without !@", "x.y:r1\n", "x.y", "", "u@x.y", "r1" },
	{ "!@ is for bounces only", "!@:r2\n", "x.y", "s@t", "u@x.y", NULL },
	{ "recipient", "x.y:r1\nU@x.y:r2\n:r3\n!@:r4\n", "x.y", "", "u@X.y", "r2" },
	{ "several recipients", "x.y:r1\nu@x.y:r2\n", "x.y", "s@t", "", "r1" },
	{ "recipient without @", "x.y:r1\n", "a.b", "s@t", "x.y", NULL },
	{ "blanks at the end", "x.y:r1 \t\r\n", "x.y", "s@t", "u@x.y", "r1" },
};

static const struct {
	const char *name, *file, *sender, *value;
} senders[] = {
	{ "whole", "a@b.c:r1\n@b.c:r2\n", "a@b.c", "r1" },
	{ "domain", "@b.c:r1\n:r2\n", "A@B.c", "r1" },
	{ "suffix", ".c:r1\n:r2\n", "a@b.c", "r1" },
	{ "@ beats .", ".c:r1\n@b.c:r2\n", "a@b.c", "r2" },
	{ "dot in the local part", ".y@b.c:r1\n@b.c:r2\n", "x.y@b.c", "r1" },
	{ "bare domain is no suffix", "b.c:r1\n", "a@b.c", NULL },
	{ "any", ":r1\n", "a@b.c", "r1" },
	{ "empty value is no match", "a@b.c:\n:r2\n", "a@b.c", "r2" },
	{ "no colon", "@b.c|u|p\n", "a@b.c", "|u|p" },
	{ "bounce", "!@:r1\n:r2\n", "", "r1" },
	{ "bounce, any", ":r2\n", "", "r2" },
	{ "last", "@b.c:r1\n@B.C:r2\n", "a@b.c", "r2" },
};

static void
check(const char *name, bool found, struct view value, const char *want)
{
	if (found != (want != NULL))
		fail_msg("%s: %s", name, found ? "found" : "not found");
	if (found && !view_equal(value, view_of(want)))
		fail_msg("%s: '%.*s'", name, (int)value.len, value.at);
}

static void
selection(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct route_query q = { view_of(rows[i].host), view_of(rows[i].sender),
			view_of(rows[i].recipient) };
		struct control_list list = { 0 };
		struct route_choice choice = { 0 };

		control_list_parse(view_of(rows[i].file), &list);
		check(rows[i].name, route_select(&list, &q, &choice), choice.value,
		    rows[i].value);
		control_list_free(&list);
	}
	for (i = 0; i < sizeof senders / sizeof *senders; i++) {
		struct route_query q = { VIEW("h"), view_of(senders[i].sender),
			VIEW("r@h") };
		struct control_list list = { 0 };
		struct route_choice choice = { 0 };

		control_list_parse(view_of(senders[i].file), &list);
		check(senders[i].name, route_select_authsender(&list, &q, &choice),
		    choice.value, senders[i].value);
		control_list_free(&list);
	}
}

static int
enter_home(void **state)
{
	char dir[] = "routetable.XXXXXX";

	(void)state;
	return mkdtemp(dir) && chdir(dir) == 0 && mkdir("control", 0755) == 0 ? 0 : -1;
}

static void
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, view_of(text)), 0);
	close(fd);
}

static const struct {
	const char *name, *authsenders, *smtproutes, *relay, *user;
	bool clear;
	const char *flaw;
} pairs[] = {
	{ "nothing", "", "", "", "", false, NULL },
	{ "smtproutes", "", ":r u p\n", "r", "u", false, NULL },
	{ "authsenders wins", "@b:a|au|ap\n", ":r u p\n", "a", "au", false, NULL },
	{ "authsenders without credential", "@b:a\n", ":r u p\n", "a", "", false, NULL },
	{ "credential of authsenders for a relay of smtproutes", "@b|au|ap\n", ":r\n",
	    "r", "au", false, NULL },
	{ "the relay's line comes first", "@b|au|ap\n", ":r -u p\n", "r", "u", true,
	    NULL },
	{ "no relay, no credential", "@b|au|ap\n", "", "", "", false, NULL },
	{ "MX by an empty value", "@b|au|ap\n", "h:\n:r\n", "", "", false, NULL },
	{ "credential without a relay", "", ":|u|p\n", "", "", false,
	    "a credential without a relay" },
	{ "half a credential", "", ":r|u\n", "r", "", false, "half a credential" },
	{ "half a credential, with blanks", "", ":r u\n", "r", "", false,
	    "half a credential" },
};

static void
both_files(void **state)
{
	struct route_query q = { VIEW("h"), VIEW("a@b"), VIEW("r@h") };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct route route;

		put("control/authsenders", pairs[i].authsenders);
		put("control/smtproutes", pairs[i].smtproutes);
		assert_int_equal(route_find(&q, &route, NULL), ROUTE_OK);
		check(pairs[i].name, true, str_view(&route.relay), pairs[i].relay);
		check(pairs[i].name, true, credential_user(&route.credential),
		    pairs[i].user);
		assert_int_equal(route.value.allow_clear, pairs[i].clear);
		check(pairs[i].name, route.flaw != NULL, view_of(route.flaw),
		    pairs[i].flaw);
		assert_int_equal(route.value.port, 25);
		route_free(&route);
	}
}

/* Outbound 3.3 rows 2 to 4: at each candidate qmtproutes, then smtproutes. */
static const struct {
	const char *name, *qmtproutes, *smtproutes, *host, *sender, *relay;
	enum route_protocol protocol;
	int port;
	const char *from;
} protocols[] = {
	{ "qmtproutes", "h.x:q\n", "", "h.x", "a@b", "q", ROUTE_QMTP, 209,
	    "control/qmtproutes:1" },
	{ "qmtproutes before smtproutes", "\nh.x:q\n", "h.x:r\n", "h.x", "a@b", "q",
	    ROUTE_QMTP, 209, "control/qmtproutes:2" },
	{ "but not before a better key", ".x:q\n", "\nh.x:r\n", "h.x", "a@b", "r",
	    ROUTE_SMTP, 25, "control/smtproutes:2" },
	{ "suffix before the empty key", ".x:q\n", ":r\n", "h.x", "a@b", "q", ROUTE_QMTP,
	    209, "control/qmtproutes:1" },
	{ "bounces", "!@:q\n", "!@:r\n", "h.x", "", "q", ROUTE_QMTP, 209,
	    "control/qmtproutes:1" },
	{ "a recipient's key is of smtproutes", "r@h.x:q\n", "r@h.x:r\n", "h.x", "a@b",
	    "r", ROUTE_SMTP, 25, "control/smtproutes:1" },
	{ "within TLS", ":q:6209\n", "", "h.x", "a@b", "q", ROUTE_QMTP, 6209,
	    "control/qmtproutes:1" },
	{ "an empty value ends the search", "h.x:\n", "h.x:r\n", "h.x", "a@b", "",
	    ROUTE_SMTP, 25, "control/qmtproutes:1" },
	{ "none", "y:q\n", "y:r\n", "h.x", "a@b", "", ROUTE_SMTP, 25, "" },
};

static void
both_protocols(void **state)
{
	size_t i;

	(void)state;
	put("control/authsenders", "");
	for (i = 0; i < sizeof protocols / sizeof *protocols; i++) {
		struct route_query q = { view_of(protocols[i].host),
			view_of(protocols[i].sender), VIEW("r@h.x") };
		struct route route;

		put("control/qmtproutes", protocols[i].qmtproutes);
		put("control/smtproutes", protocols[i].smtproutes);
		assert_int_equal(route_find(&q, &route, NULL), ROUTE_OK);
		check(
		    protocols[i].name, true, str_view(&route.relay), protocols[i].relay);
		assert_int_equal(route.value.protocol, protocols[i].protocol);
		assert_int_equal(route.value.port, protocols[i].port);
		assert_int_equal(route.value.implicit_tls, protocols[i].port == 6209);
		assert_string_equal(route.from.text, protocols[i].from);
		route_free(&route);
	}
	unlink("control/qmtproutes");
}

static void
what_cannot_be_read_defers(void **state)
{
	struct route_query q = { VIEW("h"), VIEW("a@b"), VIEW("r@h") };
	struct problem problem = { 0 };
	struct route route;

	(void)state;
	put("control/authsenders", "");
	put("control/smtproutes", "other:r:x\nh:r:99999\n");
	assert_int_equal(route_find(&q, &route, &problem), ROUTE_INVALID);
	assert_string_equal(problem.where, "control/smtproutes:2");
	q.host = VIEW("elsewhere"); /* the bad lines are not selected */
	assert_int_equal(route_find(&q, &route, &problem), ROUTE_OK);
	route_free(&route);
	unlink("control/authsenders");
	assert_int_equal(mkdir("control/authsenders", 0755), 0);
	assert_int_equal(route_find(&q, &route, &problem), ROUTE_INVALID);
	assert_int_equal(rmdir("control/authsenders"), 0);
	unlink("control/smtproutes");
	assert_int_equal(route_find(&q, &route, &problem), ROUTE_OK);
	route_free(&route);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selection),
		cmocka_unit_test(both_files),
		cmocka_unit_test(both_protocols),
		cmocka_unit_test(what_cannot_be_read_defers),
	};

	return cmocka_run_group_tests(tests, enter_home, NULL);
}
