/* tlspolicy: lines, good and bad, and which one is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tlspolicy/tlspolicy.h"

#define SHA1   "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33"
#define SHA256 "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

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
	{ "chain ca=x/", TLS_CHAIN, "x/", "", "" },
	{ "verify match=a,.b,c", TLS_VERIFY, "", "a,.b,c", "" },
	{ "verify match=a,,c", -1, "", "", "" },
	{ "dane", TLS_DANE, "", "", "" },
	{ "dane-only", TLS_DANE_ONLY, "", "", "" },
	{ "fingerprint", -1, "", "", "" },
	{ "fingerprint fp=", -1, "", "", "" },
	{ "fingerprint fp=" SHA1, TLS_FINGERPRINT, "", "", "" },
	{ "fingerprint fp=" SHA1 "," SHA256, TLS_FINGERPRINT, "", "", "" },
	{ "fingerprint fp=" SHA1 ",", TLS_FINGERPRINT, "", "", "" },
	{ "fingerprint fp=" SHA1 ",00", -1, "", "", "" },
	{ "fingerprint fp=" SHA256 "0", -1, "", "", "" },
	{ "encrypt fp=" SHA256, -1, "", "", "" },
	{ "may protocols=SSLv3", -1, "", "", "" },
	{ "may protocols=>=TLSv1.3,<=TLSv1.2", -1, "", "", "" },
	{ "may sni=", -1, "", "", "" },
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

static void
protocols(void **state)
{
	static const struct {
		const char *value;
		enum tls_protocol lowest, highest;
	} ranges[] = {
		{ "may", TLS_PROTOCOL_ANY, TLS_PROTOCOL_ANY },
		{ "may protocols=TLSv1.2", TLS_1_2, TLS_1_2 },
		{ "may protocols=TLSv1.3,tlsv1.2", TLS_1_2, TLS_1_3 },
		{ "may protocols=>=TLSv1", TLS_1_0, TLS_PROTOCOL_ANY },
		{ "may protocols=<=TLSv1.2", TLS_PROTOCOL_ANY, TLS_1_2 },
		{ "may protocols=>=TLSv1.1,<=TLSv1.2", TLS_1_1, TLS_1_2 },
		{ "may protocols=>=TLSv1.1 protocols=>=TLSv1.0", TLS_1_0,
		    TLS_PROTOCOL_ANY },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		struct tlspolicy p;

		assert_true(tlspolicy_parse(view_of(ranges[i].value), &p));
		if (p.rules.lowest != ranges[i].lowest ||
		    p.rules.highest != ranges[i].highest)
			fail_msg("%s", ranges[i].value);
	}
}

static void
fingerprints(void **state)
{
	struct str list = { 0 };

	(void)state;
	assert_true(tlspolicy_add_fingerprints(VIEW(SHA1 "," SHA256), &list));
	assert_string_equal(str_text(&list),
	    "00112233445566778899aabbccddeeff00112233,"
	    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
	assert_false(tlspolicy_add_fingerprint(VIEW("x"), &list));
	assert_false(tlspolicy_add_fingerprints(VIEW(""), &list));
	str_free(&list);
}

static const char file[] =
    "r.net:1\n[192.0.2.1]:2\nx.org:3\n.x.org:4\n:5\n[2001:db8::1]:6\n"
    "dup:7\nDUP:8\nno colon\nxn--bcher-kva.org:9\n.xn--bcher-kva.org:10\n";

static const struct {
	const char *relay, *host, *ascii, *value;
} picks[] = {
	{ "r.net", "x.org", "", "1" }, /* the relay's own line comes first */
	{ "R.NET", "a.x.org", "", "1" },
	{ "192.0.2.1", "x.org", "", "2" },
	{ "2001:db8::1", "x.org", "", "6" },
	{ "other", "x.org", "", "3" },
	{ "", "X.org", "", "3" },
	{ "", "a.x.org", "", "4" },
	{ "", "a.b.x.org", "", "4" },
	{ "", "ax.org", "", "5" },
	{ "a.r.net", "y.org", "", "5" },
	{ "dup", "y.org", "", "8" },
	{ "",
	    "b\xc3\xbc"
	    "cher.org",
	    "xn--bcher-kva.org", "9" },
	{ "",
	    "a.b\xc3\xbc"
	    "cher.org",
	    "a.xn--bcher-kva.org", "10" },
	{ "b\xc3\xbc"
	  "cher.org",
	    "x.org", "xn--bcher-kva.org", "9" },
	{ "r.net",
	    "b\xc3\xbc"
	    "cher.org",
	    "r.net", "1" },
	{ "other",
	    "b\xc3\xbc"
	    "cher.org",
	    "xn--other", "5" },
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
		    view_of(picks[i].host), view_of(picks[i].ascii), &value, &line));
		if (!view_equal(value, view_of(picks[i].value)))
			fail_msg("%s, %s: %.*s", picks[i].relay, picks[i].host,
			    (int)value.len, value.at);
	}
	assert_false(tlspolicy_select(
	    &none, VIEW("r.net"), VIEW("x.org"), VIEW(""), &value, &line));
	control_list_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(protocols),
		cmocka_unit_test(fingerprints),
		cmocka_unit_test(selection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
