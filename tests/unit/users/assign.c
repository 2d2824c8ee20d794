/* assign: lines of users/assign.  getpw: where a local part may be split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "users/assign.h"
#include "users/getpw.h"

#define BYTES(text)                       \
	{                                 \
		"" text, sizeof(text) - 1 \
	}

static const struct {
	struct view line;
	enum assign_line kind;
	struct view key, data;
} lines[] = {
	{ BYTES("=joe:joe:500:501:/home/joe:::"), ASSIGN_EXACT, BYTES("!joe\0"),
	    BYTES("joe\0"
		  "500\0"
		  "501\0"
		  "/home/joe\0"
		  "\0") },
	{ BYTES("+joe-:joe:500:501:/home/joe:-::"), ASSIGN_WILDCARD, BYTES("!joe-"),
	    BYTES("joe\0"
		  "500\0"
		  "501\0"
		  "/home/joe\0"
		  "-\0") },
	{ BYTES("+Big.:al:7:8:/h:-:pre-:"), ASSIGN_WILDCARD, BYTES("!big."),
	    BYTES("al\0"
		  "7\0"
		  "8\0"
		  "/h\0"
		  "-\0"
		  "pre-") },
	{ BYTES("+:alias:7:8:/a:-::"), ASSIGN_WILDCARD, BYTES("!"),
	    BYTES("alias\0"
		  "7\0"
		  "8\0"
		  "/a\0"
		  "-\0") },
	{ BYTES("=:u:1:2:/h:::"), ASSIGN_EXACT, BYTES("!\0"),
	    BYTES("u\0"
		  "1\0"
		  "2\0"
		  "/h\0"
		  "\0") },
	{ BYTES("xA:u:1:2:/h:-:E:and:more"), ASSIGN_EXACT, BYTES("!a\0"),
	    BYTES("u\0"
		  "1\0"
		  "2\0"
		  "/h\0"
		  "-\0"
		  "E") },
	{ BYTES("."), ASSIGN_END, { 0 }, { 0 } },
	{ BYTES(".anything"), ASSIGN_END, { 0 }, { 0 } },
	{ BYTES(""), ASSIGN_MALFORMED, { 0 }, { 0 } },
	{ BYTES(":u:1:2:/h:::"), ASSIGN_MALFORMED, { 0 }, { 0 } },
	{ BYTES("=joe"), ASSIGN_MALFORMED, { 0 }, { 0 } },
	{ BYTES("=joe:u:1:2:/h::"), ASSIGN_MALFORMED, { 0 }, { 0 } },
	{ BYTES("=j\0oe:u:1:2:/h:::"), ASSIGN_MALFORMED, { 0 }, { 0 } },
};

static void
parse(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct str key = { 0 }, data = { 0 };

		assert_int_equal(assign_parse(lines[i].line, &key, &data), lines[i].kind);
		assert_true(view_equal(str_view(&key), lines[i].key));
		assert_true(view_equal(str_view(&data), lines[i].data));
		str_free(&key);
		str_free(&data);
	}
}

static void
wildcards(void **state)
{
	struct str last = { 0 };

	(void)state;
	assign_note_wildcard(&last, VIEW("!joe-"));
	assign_note_wildcard(&last, VIEW("!big."));
	assign_note_wildcard(&last, VIEW("!"));
	assign_note_wildcard(&last, VIEW("!ann-"));
	assert_string_equal(str_text(&last), "-.");
	str_free(&last);
}

/* Where each local part may be split, longest first; -1 ends. */
static const struct {
	const char *local;
	int at[6];
} splits[] = {
	{ "joe", { 3, -1 } },
	{ "joe-a-b", { 7, 5, 3, -1 } },
	{ "joe-", { 4, 3, -1 } },
	{ "-x", { 2, 0, -1 } },
	{ "", { 0, -1 } },
	{ "--", { 2, 1, 0, -1 } },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", { 31, -1 } },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", { -1 } },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-b", { 31, -1 } },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-b", { -1 } },
	{ "a-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", { 1, -1 } },
};

static void
split(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof splits / sizeof *splits; i++) {
		struct view local = view_of(splits[i].local);
		size_t end = local.len, at;

		for (n = 0; getpw_split(local, end, &at); n++) {
			assert_int_equal(at, splits[i].at[n]);
			if (at == 0) {
				n++;
				break;
			}
			end = at - 1;
		}
		assert_int_equal(splits[i].at[n], -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse),
		cmocka_unit_test(wildcards),
		cmocka_unit_test(split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
