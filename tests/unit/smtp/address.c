/* Addresses of MAIL and RCPT, by qmail's grammar and by ours; and back to the wire. */
#include "smtp/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *name, *in;
	enum address_syntax syntax, stock; /* clean and stock rules */
	const char *whole, *rest;
} cases[] = {
	{ "usual", "FROM:<a@b.c>", ADDRESS_OK, ADDRESS_OK, "a@b.c", "" },
	{ "parameters", "FROM:<a@b> SIZE=3", ADDRESS_OK, ADDRESS_OK, "a@b", " SIZE=3" },
	{ "null sender", "FROM:<>", ADDRESS_OK, ADDRESS_OK, "", "" },
	{ "the word is not checked", "x<a@b>", ADDRESS_OK, ADDRESS_OK, "a@b", "" },
	{ "no brackets", "TO:  u@b NOTIFY=NEVER", ADDRESS_OK, ADDRESS_OK, "u@b",
	    "NOTIFY=NEVER" },
	{ "no brackets, null", "FROM:", ADDRESS_OK, ADDRESS_OK, "", "" },
	{ "no closing bracket", "TO:<u@b", ADDRESS_OK, ADDRESS_OK, "u@b", "" },
	{ "source route", "TO:<@foo,@bar:u@b>", ADDRESS_OK, ADDRESS_OK, "u@b", "" },
	{ "route only", "TO:<@foo>", ADDRESS_OK, ADDRESS_OK, "", "" },
	{ "neither bracket nor colon", "a@b", ADDRESS_MALFORMED, ADDRESS_MALFORMED, NULL,
	    NULL },
	{ "nothing", "", ADDRESS_MALFORMED, ADDRESS_MALFORMED, NULL, NULL },
	{ "quotes", "TO:<\"q\\\"uo te\"@b>", ADDRESS_OK, ADDRESS_OK, "q\"uo te@b", "" },
	{ "bracket in quotes", "TO:<\"a>b\"@c>", ADDRESS_OK, ADDRESS_OK, "a>b@c", "" },
	{ "escaped bracket", "TO:<a\\>b@c>", ADDRESS_OK, ADDRESS_OK, "a>b@c", "" },
	{ "8 bit", "TO:<\xe4@b>", ADDRESS_OK, ADDRESS_OK, "\xe4@b", "" },
	{ "control byte", "TO:<a\x01@b>", ADDRESS_MALFORMED, ADDRESS_OK, "a\x01@b", "" },
	{ "CR", "TO:<a\r@b>", ADDRESS_MALFORMED, ADDRESS_OK, "a\r@b", "" },
	{ "DEL", "TO:<a\x7f@b>", ADDRESS_MALFORMED, ADDRESS_OK, "a\x7f@b", "" },
	{ "open quote", "TO:<\"a@b>", ADDRESS_MALFORMED, ADDRESS_OK, "a@b>", "" },
	{ "backslash at the end", "TO:<a@b\\", ADDRESS_MALFORMED, ADDRESS_OK, "a@b", "" },
};

static void
check(size_t i, enum address_rules rules, enum address_syntax expected)
{
	struct arena mem = { 0 };
	struct address a = { .whole = VIEW("untouched") };
	struct view rest = VIEW("untouched");
	enum address_syntax syntax =
	    address_parse(view_of(cases[i].in), rules, &mem, &a, &rest);

	if (syntax != expected)
		fail_msg("%s: %d", cases[i].name, (int)syntax);
	if (syntax != ADDRESS_OK)
		assert_true(view_equal(a.whole, rest));
	else if (!view_equal(a.whole, view_of(cases[i].whole)) ||
	    !view_equal(rest, view_of(cases[i].rest)))
		fail_msg("%s: '%s' then '%s'", cases[i].name, a.whole.at, rest.at);
	arena_free(&mem);
}

static void
parsing(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		check(i, ADDRESS_CLEAN, cases[i].syntax);
		check(i, ADDRESS_STOCK, cases[i].stock);
	}
}

static void
nul_and_length(void **state)
{
	struct arena mem = { 0 };
	char in[ADDRESS_MAX + 4];
	struct address a;
	struct view rest;

	(void)state;
	assert_int_equal(address_parse(VIEW("<a\0b@c>"), ADDRESS_STOCK, &mem, &a, &rest),
	    ADDRESS_MALFORMED);
	memset(in, 'a', sizeof in);
	in[0] = '<';
	in[ADDRESS_MAX + 1] = '>';
	assert_int_equal(address_parse((struct view) { in, ADDRESS_MAX + 2 },
			     ADDRESS_CLEAN, &mem, &a, &rest),
	    ADDRESS_OK);
	assert_int_equal(a.whole.len, ADDRESS_MAX);
	in[ADDRESS_MAX + 1] = 'a';
	in[ADDRESS_MAX + 2] = '>';
	assert_int_equal(address_parse((struct view) { in, ADDRESS_MAX + 3 },
			     ADDRESS_CLEAN, &mem, &a, &rest),
	    ADDRESS_TOO_LONG);
	arena_free(&mem);
}

static void
splitting(void **state)
{
	struct address a = address_of(VIEW("a@evil@ok.dom"));

	(void)state;
	assert_true(a.has_at && view_equal(a.local, VIEW("a@evil")) &&
	    view_equal(a.domain, VIEW("ok.dom")));
	a = address_of(VIEW("noat"));
	assert_true(!a.has_at && view_equal(a.local, VIEW("noat")) && a.domain.len == 0);
	a = address_of(VIEW("x@"));
	assert_true(a.has_at && a.domain.len == 0 && !address_is_null(&a));
	a = address_of(VIEW(""));
	assert_true(!a.has_at && address_is_null(&a));
}

static const struct {
	const char *in, *wire;
} formats[] = {
	{ "", "" },
	{ "joe@b", "joe@b" },
	{ "j.o-e+x=y@B.c", "j.o-e+x=y@B.c" },
	{ "noat with space", "noat with space" },
	{ "q\"uo te@b", "\"q\\\"uo te\"@b" },
	{ "a\\b@c", "\"a\\\\b\"@c" },
	{ ".a@b", "\".a\"@b" },
	{ "a.@b", "\"a.\"@b" },
	{ "a..b@c", "\"a..b\"@c" },
	{ "@b", "\"\"@b" },
	{ "a@b@c", "\"a@b\"@c" },
	{ "\xe4@b", "\"\xe4\"@b" },
};

static void
formatting(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof formats / sizeof *formats; i++) {
		struct str out = { 0 };

		address_format(&out, view_of(formats[i].in));
		assert_string_equal(str_text(&out), formats[i].wire);
		str_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsing),
		cmocka_unit_test(nul_and_length),
		cmocka_unit_test(splitting),
		cmocka_unit_test(formatting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
