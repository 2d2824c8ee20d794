/* tlspolicy: lines, good and bad, and which one is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/tlspolicy.h"

static const struct {
	const char *value;
	int level; /* -1: invalid */
	const char *ca, *match, *ciphers;
} values[] = {
	{ "none", TLS_NONE, "", "", "" },
	{ "may", TLS_MAY, "", "", "" },
	{ "Encrypt", TLS_ENCRYPT, "", "", "" },
	{ " secure \t", TLS_SECURE, "", "", "" },
	{ "secure ca=control/a.pem match=x.org\tciphers=HIGH:!MD5", TLS_SECURE,
	    "control/a.pem", "x.org", "HIGH:!MD5" },
	{ "secure match=a=b", TLS_SECURE, "", "a=b", "" },
	{ "may ca=1 ca=2", TLS_MAY, "2", "", "" },
	{ "", -1, "", "", "" },
	{ "strict", -1, "", "", "" },
	{ "secured", -1, "", "", "" },
	{ "secure fp=00", -1, "", "", "" },
	{ "secure ca", -1, "", "", "" },
	{ "secure ca=", -1, "", "", "" },
	{ "secure =x", -1, "", "", "" },
	{ "secure,ca=x", -1, "", "", "" },
};

static void
lines(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof values / sizeof *values; i++) {
		struct tlspolicy p;
		bool ok = tlspolicy_parse(view_of(values[i].value), &p);

		if (ok != (values[i].level >= 0))
			fail_msg(
			    "'%s': %s", values[i].value, ok ? "accepted" : "refused");
		if (!ok)
			continue;
		assert_int_equal(p.level, values[i].level);
		assert_true(view_equal(p.ca, view_of(values[i].ca)));
		assert_true(view_equal(p.match, view_of(values[i].match)));
		assert_true(view_equal(p.ciphers, view_of(values[i].ciphers)));
	}
}

static const char file[] =
    "r.net:1\n[192.0.2.1]:2\nx.org:3\n.x.org:4\n:5\n[2001:db8::1]:6\n"
    "dup:7\nDUP:8\nno colon\n";

static const struct {
	const char *relay, *host, *value;
} picks[] = {
	{ "r.net", "x.org", "1" }, /* the relay's own line comes first */
	{ "R.NET", "a.x.org", "1" },
	{ "192.0.2.1", "x.org", "2" },
	{ "2001:db8::1", "x.org", "6" },
	{ "other", "x.org", "3" },
	{ "", "X.org", "3" },
	{ "", "a.x.org", "4" },
	{ "", "a.b.x.org", "4" },
	{ "", "ax.org", "5" },
	{ "a.r.net", "y.org", "5" },
	{ "dup", "y.org", "8" },
};

static void
selection(void **state)
{
	struct control_list list = { 0 }, none = { 0 };
	struct view value;
	size_t i, line;

	(void)state;
	control_list_parse(view_of(file), &list);
	for (i = 0; i < sizeof picks / sizeof *picks; i++) {
		assert_true(tlspolicy_select(&list, view_of(picks[i].relay),
		    view_of(picks[i].host), &value, &line));
		if (!view_equal(value, view_of(picks[i].value)))
			fail_msg("%s, %s: %.*s", picks[i].relay, picks[i].host,
			    (int)value.len, value.at);
	}
	assert_false(
	    tlspolicy_select(&none, VIEW("r.net"), VIEW("x.org"), &value, &line));
	control_list_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(selection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
