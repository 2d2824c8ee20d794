/* remotereply: replies, whole and split at every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "smtp/remotereply.h"

enum { MORE = REMOTEREPLY_MORE, DONE = REMOTEREPLY_DONE, BAD = REMOTEREPLY_MALFORMED };

static const struct {
	const char *name, *in;
	int status;
	unsigned code;
	const char *text;
	size_t left; /* octets of `in` behind the reply */
} rows[] = {
	{ "one line", "250 ok\r\n", DONE, 250, "250 ok\n", 0 },
	{ "LF alone", "250 ok\n", DONE, 250, "250 ok\n", 0 },
	{ "no text", "354\r\n", DONE, 354, "354\n", 0 },
	{ "lines", "250-a\r\n250-b\r\n250 c\r\n", DONE, 250, "250-a\n250-b\n250 c\n", 0 },
	{ "last code counts", "250-a\r\n550 c\r\n", DONE, 550, "250-a\n550 c\n", 0 },
	{ "pipelined", "250 a\r\n550 b\r\n", DONE, 250, "250 a\n", 7 },
	{ "unfinished", "250-a\r\n", MORE, 0, "250-a\n", 0 },
	{ "CR inside", "250 a\rb\r\n", DONE, 250, "250 ab\n", 0 },
	{ "letters", "2x0 a\r\n", BAD, 0, "2", 5 },
	{ "signed", "+50 a\r\n", BAD, 0, "", 6 },
	{ "starts with 0", "050 a\r\n", BAD, 0, "", 6 },
	{ "no blank", "250_a\r\n", BAD, 0, "250", 3 },
	{ "short", "25\r\n", BAD, 0, "25", 1 },
	{ "empty line", "\r\n", BAD, 0, "", 1 },
	{ "too many lines", "250-\n250-\n250-\n250 x\n", BAD, 0, "250-\n250-\n250-\n",
	    6 },
	{ "too many octets", "250 0123456789012345678901234567890123456789\n", BAD, 0,
	    "250 012345678901234567890123456789012345", 4 },
};

static void
replies(void **state)
{
	struct remotereply r = { .max_lines = 3, .max_octets = 40 };
	size_t i, split, used, used2;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		for (split = 0; split <= strlen(rows[i].in); split++) {
			struct view in = view_of(rows[i].in);
			enum remotereply_status status;

			remotereply_start(&r);
			status = remotereply_add(&r, view_first(in, split), &used);
			if (status == REMOTEREPLY_MORE) {
				status = remotereply_add(&r, view_from(in, used), &used2);
				used += used2;
			}
			assert_int_equal(status, rows[i].status);
			assert_int_equal(in.len - used, rows[i].left);
			assert_string_equal(str_text(&r.text), rows[i].text);
			if (status == REMOTEREPLY_DONE)
				assert_int_equal(r.code, rows[i].code);
		}
	remotereply_free(&r);
}

static void
nul_becomes_a_question_mark(void **state)
{
	struct remotereply r = { .max_lines = 3, .max_octets = 40 };
	size_t used;

	(void)state;
	remotereply_start(&r);
	assert_int_equal(remotereply_add(&r, VIEW("250 a\0b\r\n"), &used), DONE);
	assert_string_equal(str_text(&r.text), "250 a?b\n");
	remotereply_free(&r);
}

static void
long_replies_are_cut(void **state)
{
	struct remotereply r = { .max_lines = 100, .max_octets = 65536 };
	struct str in = { 0 };
	size_t used, i;

	(void)state;
	for (i = 0; i < 4; i++) {
		str_append_text(&in, "250-");
		while (in.len < (i + 1) * 3000)
			str_append_byte(&in, 'x');
		str_append_byte(&in, '\n');
	}
	str_append_text(&in, "250 end\n");
	remotereply_start(&r);
	assert_int_equal(remotereply_add(&r, str_view(&in), &used), DONE);
	assert_int_equal(used, in.len);
	assert_int_equal(r.text.len, REMOTEREPLY_TEXT);
	assert_int_equal(r.text.at[REMOTEREPLY_LINE], '\n');
	str_free(&in);
	remotereply_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies),
		cmocka_unit_test(nul_becomes_a_question_mark),
		cmocka_unit_test(long_replies_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
