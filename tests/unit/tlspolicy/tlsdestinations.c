/* tlsdestinations: both orders of the fields, and which line it is (outbound 4.1). */
#include "tlspolicy/tlsdestinations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
	const char *value;
	int ok;
	const char *store, *ciphers;
	unsigned depth, port, implicit;
	const char *sender;
} values[] = {
	{ "", 1, "", "", 0, 0, 0, "" },
	{ "/etc/ssl/ca", 1, "/etc/ssl/ca", "", 0, 0, 0, "" },
	/* aQmail's order */
	{ "/etc/ssl/ca|!SSLv2:HIGH", 1, "/etc/ssl/ca", "!SSLv2:HIGH", 0, 0, 0, "" },
	{ "/etc/ssl/dir/||3;465", 1, "/etc/ssl/dir/", "", 3, 465, 1, "" },
	{ "ca|HIGH|3;35|@domain", 1, "ca", "HIGH", 3, 35, 0, "@domain" },
	{ "ca||2|mydomain.example", 1, "ca", "", 2, 0, 0, "mydomain.example" },
	{ "ca|HIGH||d.example", 1, "ca", "HIGH", 0, 0, 0, "d.example" },
	{ "ca||4", 1, "ca", "", 4, 0, 0, "" },
	{ "|aNULL:!kRSA", 1, "", "aNULL:!kRSA", 0, 0, 0, "" },
	{ ";35", 1, "", "", 0, 35, 0, "" },
	{ ";465", 1, "", "", 0, 465, 1, "" },
	{ "=E441|", 1, "=E441", "", 0, 0, 0, "" },
	/* s/qmail's order */
	{ "ca|3;s2465|HIGH|d.example", 1, "ca", "HIGH", 3, 2465, 1, "d.example" },
	{ "ca|3", 1, "ca", "", 3, 0, 0, "" },
	{ "ca|;26", 1, "ca", "", 0, 26, 0, "" },
	{ "ca||HIGH", 1, "ca", "HIGH", 0, 0, 0, "" },
	{ "ca|2;26||d.example", 1, "ca", "", 2, 26, 0, "d.example" },
	/* neither */
	{ "ca|HIGH|MEDIUM", 0, "", "", 0, 0, 0, "" },
	{ "ca|1;2|3;4", 0, "", "", 0, 0, 0, "" },
	{ "ca|HIGH|300", 0, "", "", 0, 0, 0, "" },
	{ "ca|HIGH|1;0", 0, "", "", 0, 0, 0, "" },
	{ "ca|HIGH|1;65536", 0, "", "", 0, 0, 0, "" },
	{ "ca|HIGH|1;6209", 1, "ca", "HIGH", 1, 6209, 1, "" },
	{ "a|b|1|d|e", 0, "", "", 0, 0, 0, "" },
};

static void
fields(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof values / sizeof *values; i++) {
		struct tlsdestination d;
		bool ok = tlsdestinations_parse(view_of(values[i].value), &d);

		if (ok != values[i].ok)
			fail_msg("%s: %d", values[i].value, ok);
		if (!ok)
			continue;
		if (!view_equal(d.store, view_of(values[i].store)) ||
		    !view_equal(d.ciphers, view_of(values[i].ciphers)) ||
		    !view_equal(d.sender, view_of(values[i].sender)) ||
		    d.depth != values[i].depth || d.port != values[i].port ||
		    d.implicit != values[i].implicit)
			fail_msg("%s", values[i].value);
	}
}

/* The store says which line it was. */
static const char file[] =
    "*:general\n-h.example:ten\n=h.example:two\n!no.h.example:zero\n%h.example:=one\n"
    "~.h.example:three\n.h.example:four\nh.example:five\n=s.example:for-a|||a.example\n"
    "=s.example:for-b|||.b.example\n-*:all\n[2001:db8::1]:bracketed\n-bad.example:a|b|c\n"
    "~mx.example:by-server\n!off.example:\nh.example:not the first\n";

static const struct {
	const char *host, *server, *sender, *store;
	enum tls_level level;
	bool exact;
} picks[] = {
	{ "h.example", "", "", "=one", TLS_FINGERPRINT, false },
	{ "H.Example", "", "", "=one", TLS_FINGERPRINT, false },
	{ "x.h.example", "", "", "three", TLS_VERIFY, false },
	{ "no.h.example", "", "", "zero", TLS_NONE, false },
	{ "a.no.h.example", "", "", "three", TLS_VERIFY, false },
	{ "s.example", "", "a.example", "for-a", TLS_VERIFY, true },
	{ "s.example", "", "x.b.example", "for-b", TLS_VERIFY, true },
	{ "s.example", "", "b.example", "all", TLS_ENCRYPT, false },
	{ "other.example", "mx.example", "", "by-server", TLS_VERIFY, false },
	{ "off.example", "mx.example", "", "", TLS_NONE, false },
	{ "other.example", "mx2.example", "", "all", TLS_ENCRYPT, false },
	{ "2001:db8::1", "", "", "bracketed", TLS_CHAIN, false },
};

static void
order(void **state)
{
	struct control_list list = { 0 }, none = { 0 };
	struct tlsdestination d;
	size_t i, line;

	(void)state;
	control_list_parse(view_of(file), &list);
	for (i = 0; i < sizeof picks / sizeof *picks; i++) {
		assert_int_equal(
		    tlsdestinations_select(&list, view_of(picks[i].host),
			view_of(picks[i].server), view_of(picks[i].sender), &d, &line),
		    ANSWER_YES);
		if (!view_equal(d.store, view_of(picks[i].store)) ||
		    d.level != picks[i].level || d.exact != picks[i].exact)
			fail_msg("%s: line %zu", picks[i].host, line);
	}
	assert_int_equal(tlsdestinations_select(
			     &list, VIEW("bad.example"), VIEW(""), VIEW(""), &d, &line),
	    ANSWER_ERROR);
	assert_int_equal(line, 13);
	assert_int_equal(
	    tlsdestinations_select(&none, VIEW("h"), VIEW("s"), VIEW(""), &d, &line),
	    ANSWER_NO);
	control_list_free(&list);
}

static void
ports(void **state)
{
	static const char text[] =
	    "h.example:;26\ns.example:;s2525\nn.example:ca\n~mx.example:;27\nx:a|b|c\n"
	    "q.example:;6209\n";
	struct control_list list = { 0 };
	uint16_t port = 25;
	bool implicit = true;

	(void)state;
	control_list_parse(view_of(text), &list);
	assert_int_equal(tlsdestinations_port(&list, VIEW("n.example"), VIEW(""), false,
			     &port, &implicit, NULL),
	    ANSWER_NO);
	assert_int_equal(tlsdestinations_port(&list, VIEW("other.example"), VIEW(""),
			     false, &port, &implicit, NULL),
	    ANSWER_NO);
	assert_int_equal(port, 25);
	assert_int_equal(tlsdestinations_port(&list, VIEW("h.example"), VIEW("joe@x"),
			     false, &port, &implicit, NULL),
	    ANSWER_YES);
	assert_int_equal(port, 26);
	assert_false(implicit);
	assert_int_equal(tlsdestinations_port(&list, VIEW("s.example"), VIEW(""), false,
			     &port, &implicit, NULL),
	    ANSWER_YES);
	assert_true(implicit);
	assert_int_equal(tlsdestinations_port(
			     &list, VIEW("x"), VIEW(""), false, &port, &implicit, NULL),
	    ANSWER_ERROR);
	assert_int_equal(tlsdestinations_port(&list, VIEW("q.example"), VIEW(""), false,
			     &port, &implicit, NULL),
	    ANSWER_ERROR);
	implicit = false;
	assert_int_equal(tlsdestinations_port(&list, VIEW("q.example"), VIEW(""), true,
			     &port, &implicit, NULL),
	    ANSWER_YES);
	assert_int_equal(port, 6209);
	assert_true(implicit);
	control_list_free(&list);
}

/* The rules that mean all, strongest first, whatever their order in the file. */
static void
general_rules(void **state)
{
	static const struct {
		const char *key;
		enum tls_level level;
		bool exact;
	} rules[] = {
		{ "=*", TLS_VERIFY, true },
		{ "~*", TLS_VERIFY, false },
		{ "+*", TLS_CHAIN, false },
		{ "-*", TLS_ENCRYPT, false },
		{ "*", TLS_MAY, false },
		{ "-", TLS_MAY, false },
	};
	size_t first, i, line;

	(void)state;
	for (first = 0; first < sizeof rules / sizeof *rules; first++) {
		struct control_list list = { 0 };
		struct str text = { 0 };
		struct tlsdestination d;

		for (i = sizeof rules / sizeof *rules; i-- > first;) {
			str_append_text(&text, rules[i].key);
			str_append_text(&text, ":\n");
		}
		control_list_parse(str_view(&text), &list);
		assert_int_equal(tlsdestinations_select(&list, VIEW("h.example"),
				     VIEW("mx"), VIEW(""), &d, &line),
		    ANSWER_YES);
		assert_int_equal(d.level, rules[first].level);
		assert_int_equal(d.exact, rules[first].exact);
		control_list_free(&list);
		str_free(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(order),
		cmocka_unit_test(ports),
		cmocka_unit_test(general_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
