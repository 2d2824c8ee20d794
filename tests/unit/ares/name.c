/* ares/name: what is a domain name, and its A-labels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ares/name.h"

#define BYTES(literal)                          \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}
#define TEN(x) x x x x x x x x x x

static const struct test_case {
	const char *name;
	struct view given;
	const char *expected; /* NULL: no domain name */
} cases[] = {
	{ "as it is", BYTES("a.example"), "a.example" },
	{ "one label", BYTES("localhost"), "localhost" },
	{ "capitals", BYTES("MX.Example.ORG"), "mx.example.org" },
	{ "a trailing dot", BYTES("a.example."), "a.example" },
	{ "an underscore", BYTES("_25._tcp.a.example"), "_25._tcp.a.example" },
	{ "a slash", BYTES("0/25.2.0.192.in-addr.arpa"), "0/25.2.0.192.in-addr.arpa" },
	{ "A-labels", BYTES("xn--bcher-kva.example"), "xn--bcher-kva.example" },
	{ "U-labels",
	    BYTES("b\xc3\xbc"
		  "cher.example"),
	    "xn--bcher-kva.example" },
	{ "U-labels, capitals",
	    BYTES("B\xc3\x9c"
		  "CHER.example"),
	    "xn--bcher-kva.example" },
	{ "decomposed",
	    BYTES("bu\xcc\x88"
		  "cher.example"),
	    "xn--bcher-kva.example" },
	{ "sharp s is a letter of its own",
	    BYTES("stra\xc3\x9f"
		  "e.example"),
	    "xn--strae-oqa.example" },
	{ "another script", BYTES("\xe4\xbe\x8b\xe5\xad\x90.example"),
	    "xn--fsqu00a.example" },
	{ "U-labels, trailing dot",
	    BYTES("b\xc3\xbc"
		  "cher.example."),
	    "xn--bcher-kva.example" },
	{ "no UTF-8",
	    BYTES("b\xfc"
		  "cher.example"),
	    NULL },
	{ "a letter that is not allowed", BYTES("\xe2\x98\x83\xef\xbf\xbd.example"),
	    NULL },
	{ "NUL behind a U-label",
	    BYTES("b\xc3\xbc"
		  "cher\0.example"),
	    NULL },
	{ "empty", BYTES(""), NULL },
	{ "the root", BYTES("."), NULL },
	{ "an empty label", BYTES("a..example"), NULL },
	{ "an empty first label", BYTES(".example"), NULL },
	{ "two dots at the end", BYTES("example.."), NULL },
	{ "a blank", BYTES("a b.example"), NULL },
	{ "a backslash", BYTES("a\\.b.example"), NULL },
	{ "a NUL", BYTES("a\0.example"), NULL },
	{ "a line end", BYTES("a.example\n"), NULL },
	{ "63 octets", BYTES(TEN("aaaaaa") "aaa.b"), TEN("aaaaaa") "aaa.b" },
	{ "64 octets", BYTES(TEN("aaaaaa") "aaaa.b"), NULL },
	{ "253 octets", BYTES(TEN("aaaaaaaaaaaaaaaaaaaaaaaa.") "abc"),
	    TEN("aaaaaaaaaaaaaaaaaaaaaaaa.") "abc" },
	{ "254 octets", BYTES(TEN("aaaaaaaaaaaaaaaaaaaaaaaa.") "abcd"), NULL },
};

static void
test_cases(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct test_case *c = &cases[i];
		struct str got = { 0 };
		bool good;

		str_set(&got, VIEW("untouched"));
		good = name_to_ascii(c->given, &got);
		if (good != (c->expected != NULL) ||
		    strcmp(str_text(&got), good ? c->expected : "untouched") != 0)
			fail_msg("%s: %d %s", c->name, good, str_text(&got));
		str_free(&got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
