/* qmtpreply: what a QMTP server says about a recipient, split at every place (outbound 3.1 Q). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smtp/qmtpreply.h"

#define OCTETS(text)                   \
	{                              \
		text, sizeof(text) - 1 \
	}

static const struct {
	struct view in;
	enum qmtpreply_status status;
	size_t used;
	char letter;
	const char *text;
} rows[] = {
	{ OCTETS("3:Kok,"), QMTPREPLY_DONE, 6, 'K', "ok" },
	{ OCTETS("1:K,"), QMTPREPLY_DONE, 4, 'K', "" },
	{ OCTETS("6:Zlater,3:Kok,"), QMTPREPLY_DONE, 9, 'Z', "later" },
	{ OCTETS("9:Dno\0\r\nway,"), QMTPREPLY_DONE, 12, 'D', "no?\nway" },
	{ OCTETS("10:Da,b:c,d,e,"), QMTPREPLY_DONE, 14, 'D', "a,b:c,d,e" },
	{ OCTETS(""), QMTPREPLY_MORE, 0, 0, "" },
	{ OCTETS("3:Ko"), QMTPREPLY_MORE, 4, 'K', "o" },
	{ OCTETS("3:Kok;"), QMTPREPLY_MALFORMED, 6, 'K', "ok" },
	{ OCTETS("3:Xok,"), QMTPREPLY_MALFORMED, 3, 'X', "" },
	{ OCTETS("3:kok,"), QMTPREPLY_MALFORMED, 3, 'k', "" },
	{ OCTETS("0:,"), QMTPREPLY_MALFORMED, 1, 0, "" },
	{ OCTETS("03:Kok,"), QMTPREPLY_MALFORMED, 1, 0, "" },
	{ OCTETS(":K,"), QMTPREPLY_MALFORMED, 1, 0, "" },
	{ OCTETS("-1:K,"), QMTPREPLY_MALFORMED, 1, 0, "" },
	{ OCTETS(" 1:K,"), QMTPREPLY_MALFORMED, 1, 0, "" },
	{ OCTETS("101:K"), QMTPREPLY_MALFORMED, 3, 0, "" },
	{ OCTETS("99999999999999999999999999:K"), QMTPREPLY_MALFORMED, 3, 0, "" },
	{ OCTETS("220 mx.example ESMTP\r\n"), QMTPREPLY_MALFORMED, 3, 0, "" },
};

static void
check(size_t row, size_t split)
{
	struct qmtpreply r = { .max = 100 };
	size_t first = 0, second = 0;
	enum qmtpreply_status status;

	qmtpreply_start(&r);
	status = qmtpreply_add(&r, view_first(rows[row].in, split), &first);
	if (status == QMTPREPLY_MORE)
		status = qmtpreply_add(&r, view_from(rows[row].in, split), &second);
	assert_int_equal(status, rows[row].status);
	assert_int_equal(first + second, rows[row].used);
	assert_int_equal(r.letter, rows[row].letter);
	assert_string_equal(str_text(&r.text), rows[row].text);
	qmtpreply_free(&r);
}

static void
replies(void **state)
{
	size_t row, split;

	(void)state;
	for (row = 0; row < sizeof rows / sizeof *rows; row++)
		for (split = 0; split <= rows[row].in.len; split++)
			check(row, split);
}

/* More is read than is kept. */
static void
long_text(void **state)
{
	struct qmtpreply r = { .max = 65536 };
	struct str in = { 0 };
	size_t i, used;

	(void)state;
	str_append_text(&in, "65536:D");
	for (i = 1; i < 65536; i++)
		str_append_byte(&in, 'x');
	str_append_byte(&in, ',');
	qmtpreply_start(&r);
	assert_int_equal(qmtpreply_add(&r, str_view(&in), &used), QMTPREPLY_DONE);
	assert_int_equal(used, in.len);
	assert_int_equal(r.text.len, QMTPREPLY_TEXT);
	str_free(&in);
	qmtpreply_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies),
		cmocka_unit_test(long_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
